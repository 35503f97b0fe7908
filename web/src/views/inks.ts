/** The page's colours and faces, as the style sheet has them: for what is drawn on a canvas. */
import type { Inks } from './figures/figure.ts';

/** Asking for a computed style makes the browser lay out first, so each ground is asked once. */
const known = new Map<string, Inks>();

export function inks(ground: 'light' | 'dark'): Inks {
  let found = known.get(ground);
  if (found === undefined) known.set(ground, (found = readInks()));
  return found;
}

function readInks(): Inks {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    ink: read('ink'),
    muted: read('muted'),
    rule: read('rule'),
    ground: read('ground'),
    soft: read('soft'),
    sans: read('sans'),
    mono: read('mono'),
  };
}
