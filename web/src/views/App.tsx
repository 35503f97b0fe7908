/** The page, in its order: bar, ask, answer, grid, detail, small multiples, engine line. */
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { dropFiles } from '../app/files.ts';
import { Answer } from './Answer.tsx';
import { Ask } from './Ask.tsx';
import { Bar } from './Bar.tsx';
import { Detail } from './Detail.tsx';
import { EngineLine } from './EngineLine.tsx';
import { Figures } from './Figures.tsx';
import { GridSection } from './GridSection.tsx';
import { usePage, useSelect } from './hooks.ts';

export function App(): JSX.Element {
  const page = usePage();
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === 'Escape' && document.querySelector('dialog[open]') === null)
        page.store.set({ selected: null });
    };
    addEventListener('keydown', onKey);
    return () => {
      removeEventListener('keydown', onKey);
    };
  }, [page]);
  return (
    <div
      class="page"
      onDragOver={allowDrop}
      onDrop={(event) => {
        drop(event, page);
      }}
    >
      <Bar />
      <main>
        <Ask />
        <Answer />
        <div class="hero">
          <GridSection />
          <Detail />
        </div>
        <Figures />
      </main>
      <EngineLine />
      <Announcement />
    </div>
  );
}

function allowDrop(event: DragEvent): void {
  if (event.dataTransfer?.types.includes('Files') === true) event.preventDefault();
}

function drop(event: DragEvent, page: ReturnType<typeof usePage>): void {
  const transfer = event.dataTransfer;
  if (transfer?.types.includes('Files') !== true) return;
  event.preventDefault();
  void dropFiles(page, transfer);
}

function Announcement(): JSX.Element {
  const text = useSelect((state) => state.announcement);
  return (
    <p class="sr-only" role="status">
      {text}
    </p>
  );
}
