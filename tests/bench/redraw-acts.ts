/** What a person does to the page, as redraw.ts does it: in the page, with the round's number to do it differently each time. */
export interface Act {
  readonly what: string;
  readonly selector: string;
  readonly act: (target: Node, round: number) => void;
}

export const ACTS: readonly Act[] = [
  {
    what: 'nothing (what measuring costs)',
    selector: 'body',
    act: () => {
      /* no change */
    },
  },
  {
    what: 'choose a state in the legend',
    selector: '.legend',
    act: (target, round) => {
      const items = (target as Element).querySelectorAll<HTMLElement>('.legend-item');
      items[round % items.length]?.focus();
    },
  },
  {
    what: 'colour by another statistic',
    selector: '.colour-by select',
    act: (target, round) => {
      (target as HTMLSelectElement).value = ['entropy', 'p1', 'kl_final', 'state'][round % 4] ?? 'state';
      target.dispatchEvent(new Event('change', { bubbles: true }));
    },
  },
  {
    what: 'point at another cell',
    selector: '.grid-cells',
    act: (target, round) => {
      const { left, top } = (target as Element).getBoundingClientRect();
      const place = { clientX: left + 30 + 60 * (round % 8), clientY: top + 15 + 30 * (round % 20) };
      target.dispatchEvent(new MouseEvent('mousemove', { ...place, bubbles: true }));
    },
  },
  {
    what: 'select another cell',
    selector: '.grid-cells',
    act: (target, round) => {
      const { left, top } = (target as Element).getBoundingClientRect();
      const place = { clientX: left + 30 + 60 * (round % 8), clientY: top + 15 + 30 * (round % 20) };
      target.dispatchEvent(new MouseEvent('click', { ...place, bubbles: true }));
    },
  },
  {
    what: 'walk to the next cell',
    selector: '.grid-active',
    act: (target) => {
      const cell = (target as Element).querySelector<HTMLElement>('.cell');
      cell?.focus({ preventScroll: true });
      cell?.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true, cancelable: true }));
    },
  },
  {
    what: 'scroll the text by a token',
    selector: '.grid-frame',
    act: (target, round) => {
      (target as Element).scrollLeft = 2400 + 60 * round;
    },
  },
  {
    what: 'scroll the text by 40 tokens',
    selector: '.grid-frame',
    act: (target, round) => {
      (target as Element).scrollLeft = 2400 * (1 + (round % 10));
    },
  },
  {
    what: 'scroll the page by 400 pixels',
    selector: 'html',
    act: (_, round) => {
      scrollTo({ top: 400 + 400 * (round % 8), behavior: 'instant' });
    },
  },
  {
    what: 'change the theme',
    selector: '.theme select',
    act: (target, round) => {
      (target as HTMLSelectElement).value = round % 2 === 0 ? 'dark' : 'light';
      target.dispatchEvent(new Event('change', { bubbles: true }));
    },
  },
];
