/** The five states of the taxonomy, in words. Order and letters are the core's. */
import type { StateLetter } from './result.ts';

export interface AboutState {
  readonly name: string;
  readonly what: string;
}

export const ABOUT_STATE: Readonly<Record<StateLetter, AboutState>> = {
  A: { name: 'hidden turbulence', what: 'The residual stream turns sharply; the output shows no rivals.' },
  B: { name: 'surface branching', what: 'Two or more real candidates compete; the stream is calm.' },
  C: { name: 'committed', what: 'Calm, and the leading token is already the final one.' },
  D: { name: 'full bifurcation', what: 'Candidates compete while the stream turns sharply.' },
  E: { name: 'stable', what: 'Calm, but the leading token is not yet the final one.' },
};
