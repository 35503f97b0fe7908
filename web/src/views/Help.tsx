import type { JSX, RefObject } from 'preact';
import { CHAPTERS } from '../state/definitions.ts';

export function Help({ dialog }: { readonly dialog: RefObject<HTMLDialogElement | null> }): JSX.Element {
  return (
    <dialog
      ref={dialog}
      class="help"
      aria-labelledby="help-title"
      onClick={(event) => {
        if (event.target === dialog.current) dialog.current?.close();
      }}
    >
      <div class="help-body">
        <div class="detail-head">
          <h2 id="help-title">How to read this</h2>
          <button type="button" class="quiet" onClick={() => dialog.current?.close()}>
            Close <kbd>Esc</kbd>
          </button>
        </div>
        {CHAPTERS.map(({ title, definitions }) => (
          <section key={title}>
            <h3>{title}</h3>
            <dl>
              {definitions.map(({ term, formula, text }) => (
                <div key={term}>
                  <dt>{term}</dt>
                  {formula !== undefined && <dd class="formula">{formula}</dd>}
                  <dd>{text}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </dialog>
  );
}
