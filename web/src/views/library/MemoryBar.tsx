import type { JSX } from 'preact';
import { bytes } from '../../state/format.ts';
import type { MemoryVerdict } from '../../state/memory.ts';

/** What a model needs, part by part, on the scale of what there is. */
export function MemoryBar({ memory }: { readonly memory: MemoryVerdict }): JSX.Element {
  const { need, room, fits } = memory;
  const scale = Math.max(need.total, room.bytes) / 100;
  const parts = [
    { name: 'weights', label: 'weights', size: need.weights },
    { name: 'text', label: `a text of ${need.tokens} tokens`, size: need.text },
    { name: 'engine', label: 'engine', size: need.engine },
  ];
  let from = 0;
  const placed = parts.map((part) => {
    const start = from;
    from += part.size;
    return { ...part, start };
  });
  return (
    <figure class={`memory memory-${fits}`}>
      <figcaption>
        <strong>Memory</strong> <span class="muted">{memory.sentence}</span>
      </figcaption>
      <svg class="memory-bar" height="14" width="100%" aria-hidden="true">
        <rect class="memory-room" width={`${room.bytes / scale}%`} height="14" />
        {placed.map(({ name, size, start }) => (
          <rect
            key={name}
            class={`memory-${name}`}
            x={`${start / scale}%`}
            width={`${size / scale}%`}
            height="14"
          />
        ))}
        {fits === 'no' && (
          <line
            class="memory-limit"
            x1={`${room.bytes / scale}%`}
            x2={`${room.bytes / scale}%`}
            y1="0"
            y2="14"
          />
        )}
      </svg>
      <ul class="memory-key">
        {parts.map(({ name, label, size }) => (
          <li key={name}>
            <svg width="10" height="10" aria-hidden="true">
              <rect class={`memory-${name}`} width="10" height="10" />
            </svg>{' '}
            {label} {bytes(size)}
          </li>
        ))}
      </ul>
    </figure>
  );
}
