import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { timeLeft, type Job } from '../state/app.ts';
import { bytes, duration } from '../state/format.ts';
import { useSelect } from './hooks.ts';

/**
 * Progress by model and layer, for a run that lasts long enough to wait for. Within a second people stay with what they were
 * doing (Nielsen 1993); to move the page for less would only take processors from the work.
 */
const PATIENCE = 1000;

export function Progress(): JSX.Element | null {
  const run = useSelect((state) => state.run);
  const [late, setLate] = useState(false);
  const began = run?.startedAt;
  useEffect(() => {
    setLate(false);
    if (began === undefined) return undefined;
    const timer = setTimeout(() => {
      setLate(true);
    }, PATIENCE);
    return () => {
      clearTimeout(timer);
    };
  }, [began]);
  if (run === null || !late) return null;
  return (
    <ul class="progress">
      {run.jobs.map((job) => (
        <li key={job.model}>
          <span class="progress-name">{job.name}</span>
          <progress max={1} value={job.fraction} aria-label={`Progress of ${job.name}`} />
          <span class="progress-phase">{describe(job)}</span>
        </li>
      ))}
    </ul>
  );
}

function describe(job: Job): string {
  const left = timeLeft(job, performance.now());
  const tail = left === null ? '' : `, about ${duration(left)} left`;
  switch (job.phase) {
    case 'waiting':
      return 'waiting';
    case 'download':
      return `fetching, ${bytes(job.done)} of ${bytes(job.total)}${tail}`;
    case 'load':
      return `loading weights, ${bytes(job.done)} of ${bytes(job.total)}${tail}`;
    case 'forward':
      return `layer ${job.done} of ${job.total}${tail}`;
    case 'lens':
      return job.total === 0
        ? 'reading every layer again'
        : `reading every layer, token ${job.done} of ${job.total}${tail}`;
    case 'done':
      return 'done';
    case 'failed':
      return 'failed, see above';
  }
}
