/** What fits. WebAssembly memory is addressed with 32 bits, so a model is refused by its size before it is read. */
import { bytes } from '../state/format.ts';
import { EngineError } from './protocol.ts';

const GIB = 1024 ** 3;
const ADDRESSABLE = 4 * GIB;
/** Weights stay resident beside the residual stream and the working tiles. */
const LARGEST_MODEL = 2 * GIB;

export function refuseTooLarge(name: string, size: number): void {
  if (size <= LARGEST_MODEL) return;
  throw new EngineError(
    'too-large',
    `“${name}” has ${bytes(size)}; this page opens models of up to ${bytes(LARGEST_MODEL)}, because WebAssembly ` +
      `addresses ${bytes(ADDRESSABLE)} and needs room to work beside the weights. Nothing of it was read.`,
  );
}
