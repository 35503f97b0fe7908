/**
 * A program that runs a job when told to: a line in, a line of JSON out. It stays alive between rounds, so that loading
 * is not measured again and again; it does nothing meanwhile.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

/** Everything that was started and has not ended: killed when the bench ends, however it ends. */
const running = new Set<ChildProcess>();

export function adopt(child: ChildProcess): void {
  running.add(child);
  child.once('close', () => running.delete(child));
}

export function endAll(): void {
  for (const child of running) child.kill('SIGKILL');
}

export class Peer {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string, undefined>;
  readonly #name: string;

  constructor(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    const child = spawn(command, args, {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...env },
    });
    child.on('error', (error) => {
      console.error(`${command}: ${error.message}`);
    });
    child.stdin.on('error', () => undefined); // it ended: the next answer says so
    adopt(child);
    this.#child = child;
    this.#lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    this.#name = [command, ...args].slice(0, 2).join(' ');
  }

  /** The next line it says; `error` in it is thrown. */
  async answer<T>(): Promise<T> {
    const { value } = await this.#lines.next();
    if (value === undefined) throw new Error(`${this.#name} ended without an answer`);
    const said = JSON.parse(value) as T & { error?: string };
    if (said.error !== undefined) throw new Error(said.error);
    return said;
  }

  ask<T>(line: string): Promise<T> {
    this.#child.stdin?.write(`${line}\n`);
    return this.answer<T>();
  }

  /** Whatever it is doing: it has nothing to save. */
  end(): void {
    this.#child.kill('SIGKILL');
  }
}
