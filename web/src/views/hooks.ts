/** How views read the state and reach the actions. */
import { createContext } from 'preact';
import { useContext, useEffect, useLayoutEffect, useReducer, useRef, useState } from 'preact/hooks';
import type { RefObject } from 'preact';
import { whenIdle } from '../app/idle.ts';
import type { Page } from '../app/page.ts';
import type { AppState } from '../state/app.ts';

export const PageContext = createContext<Page | null>(null);

export function usePage(): Page {
  const page = useContext(PageContext);
  if (page === null) throw new Error('A view stands outside of the page.');
  return page;
}

/** The part of the state that `select` picks; the view renders again when that part changes. */
export function useSelect<T>(select: (state: AppState) => T): T {
  const { store } = usePage();
  const [, again] = useReducer((count: number) => count + 1, 0);
  const value = select(store.get());
  const latest = useRef({ select, value });
  latest.current = { select, value };
  useLayoutEffect(
    () =>
      store.subscribe(() => {
        const { select: pick, value: before } = latest.current;
        if (!Object.is(pick(store.get()), before)) again(undefined);
      }),
    [store],
  );
  return value;
}

export function useMedia(query: string): boolean {
  const [matches, setMatches] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const list = matchMedia(query);
    const follow = (): void => {
      setMatches(list.matches);
    };
    follow();
    list.addEventListener('change', follow);
    return () => {
      list.removeEventListener('change', follow);
    };
  }, [query]);
  return matches;
}

/** Light or dark, as it is shown now. */
export function useGround(): 'light' | 'dark' {
  const theme = useSelect((state) => state.theme);
  const system = useMedia('(prefers-color-scheme: dark)');
  return theme === 'auto' ? (system ? 'dark' : 'light') : theme;
}

/** The width of an element's content box, kept up to date. */
export function useWidth(ref: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = ref.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(() => {
      setWidth(element.clientWidth);
    });
    setWidth(element.clientWidth);
    observer.observe(element);
    return () => {
      observer.disconnect();
    };
  }, [ref]);
  return width;
}

/** Whether the element is on the screen, or the page is about to be printed. */
export function useSeen(ref: RefObject<HTMLElement | null>): boolean {
  return useCrossing(ref, '0%', false);
}

/** The same of an element within half a screen of it: told when the browser is idle, for it cannot be missed yet. */
export function useNear(ref: RefObject<HTMLElement | null>): boolean {
  return useCrossing(ref, '50% 0%', true);
}

function useCrossing(ref: RefObject<HTMLElement | null>, margin: string, late: boolean): boolean {
  const [within, setWithin] = useState(false);
  useLayoutEffect(() => {
    const element = ref.current;
    if (element === null) return undefined;
    const observer = new IntersectionObserver(
      (entries) => {
        const now = entries.at(-1)?.isIntersecting ?? false;
        const tell = (): void => {
          setWithin(now);
        };
        if (late) whenIdle(tell, 100);
        else tell();
      },
      { rootMargin: margin },
    );
    observer.observe(element);
    const show = (): void => {
      setWithin(true);
    };
    addEventListener('beforeprint', show);
    return () => {
      observer.disconnect();
      removeEventListener('beforeprint', show);
    };
  }, [ref, margin, late]);
  return within;
}
