/** A failure as it is shown: what happened, why, and what to do about it. */

export interface Failure {
  readonly what: string;
  readonly why: string;
  readonly todo: string;
  /** Offer to go on with the first `cutTo` tokens of the text. */
  readonly cutTo?: number;
}

interface EngineFault {
  readonly status: string;
  readonly message: string;
}

const TODO = new Map<string, string>([
  ['empty', 'Choose another file.'],
  ['truncated', 'The file may be an unfinished download: fetch it again.'],
  ['not-a-model', 'Choose a .gguf file, or the folder of a Hugging Face model.'],
  ['bad-version', 'Convert the model again with a current tool: GGUF versions 2 and 3 are read.'],
  [
    'unsupported',
    'Choose a gpt2, gptneox, opt, llama, qwen2 or phi2 model with weights from F32 to Q4_0 or Q4_K.',
  ],
  ['out-of-memory', 'Close other tabs, choose a smaller model, or use the command line.'],
  ['too-large', 'Use the command line, which has no such limit, or a smaller or quantised model.'],
  ['read-failed', 'The file may have moved or changed since it was chosen: choose it again.'],
  ['download-failed', 'Check the connection and press Analyze again.'],
  ['hash-mismatch', 'Reload the page; if it happens again, the site’s copy is damaged.'],
  ['worker-died', 'The engine has been replaced: press Analyze to try again.'],
  ['damaged', ''],
  ['bad-argument', 'Change the setting.'],
  ['text-empty', ''],
  ['text-too-long', ''],
  ['invariant', 'The file may be damaged: fetch it again.'],
  ['no-wasm', 'Use a browser with WebAssembly, or the command line.'],
]);

export function failureFrom(what: string, fault: EngineFault): Failure {
  return {
    what,
    why: sentence(fault.message),
    todo: TODO.get(fault.status) ?? 'Choose another model, or report this sentence.',
  };
}

/** A fault of the download, whose sentence says what to do as well. */
export function downloadFailure(what: string, fault: EngineFault): Failure {
  return { what, why: sentence(fault.message), todo: '' };
}

/** What the core and the importer say in lower case, as a sentence. */
export function sentence(message: string): string {
  const first = message.charAt(0).toUpperCase() + message.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
}

/** Several models can refuse one text for its length: one message, and the cut that suits them all. */
export function tooLong(
  refusals: readonly { readonly name: string; readonly context: number; readonly fault: EngineFault }[],
): Failure | null {
  const [first] = refusals;
  if (first === undefined) return null;
  const names = refusals.map(({ name }) => name).join(' and ');
  const cutTo = Math.min(...refusals.map(({ context }) => context));
  return { ...failureFrom(`Not analysed by ${names}.`, first.fault), cutTo };
}

export const NO_TEXT: Failure = {
  what: 'Not analysed.',
  why: 'The text is empty.',
  todo: 'Type a few words, then press Analyze.',
};

export const NO_MODEL: Failure = {
  what: 'Not analysed.',
  why: 'No model is chosen.',
  todo: 'Choose at least one model above, then press Analyze.',
};
