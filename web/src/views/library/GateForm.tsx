import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { lookUp, passGate } from '../../app/look-up.ts';
import type { Gate } from '../../state/library.ts';
import { usePage } from '../hooks.ts';

/** A gated model: an access token, or an ungated copy named as such. */
export function GateForm({ gate }: { readonly gate: Gate }): JSX.Element {
  const page = usePage();
  const [token, setToken] = useState('');
  const { name, mirror, storedAs, closed } = gate;
  return (
    <form
      class="gate"
      onSubmit={(event) => {
        event.preventDefault();
        void passGate(page, gate, token);
      }}
    >
      <p>
        {closed === 'gated' ? (
          <>
            <strong>{name} is gated.</strong> Accept its terms on its page of the Hub, then enter an access
            token of your account.
          </>
        ) : (
          'If it is private, enter an access token of an account that may read it.'
        )}
      </p>
      <div class="gate-row">
        <label for="token">Access token</label>
        <input
          id="token"
          type="password"
          value={token}
          autocomplete="off"
          required
          aria-describedby="token-why"
          onInput={(event) => {
            setToken(event.currentTarget.value);
          }}
        />
        <button type="submit">Look up with this token</button>
      </div>
      <p class="note" id="token-why">
        Kept in memory only, sent to the Hub alone.
      </p>
      {mirror !== null && (
        <p>
          <button
            type="button"
            onClick={() => void lookUp(page, { reference: mirror, name: mirror.id, storedAs, mirror: null })}
          >
            Look up {mirror.id} instead
          </button>{' '}
          <span class="note">
            An ungated copy by somebody else; the licence of the original still applies.
          </span>
        </p>
      )}
    </form>
  );
}
