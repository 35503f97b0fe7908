/** The architectures that can be imported. A new one is a file beside this one and a line in this table. */
import { ImportError, quote } from '../errors.ts';
import type { Fields } from '../config.ts';
import type { Architecture } from '../plan.ts';
import { gpt2 } from './gpt2.ts';
import { gptneox } from './gptneox.ts';
import { llama, mistral } from './llama.ts';
import { opt } from './opt.ts';
import { phi } from './phi.ts';
import { qwen2 } from './qwen2.ts';

export const ARCHITECTURES: readonly Architecture[] = [gpt2, gptneox, opt, llama, mistral, qwen2, phi];

/** The architecture that config.json names, or a refusal with the list of known ones. */
export function findArchitecture(config: Fields): Architecture {
  const classes = config.get('architectures');
  const className = Array.isArray(classes) ? classes[0] : undefined;
  const modelType = config.text('model_type', '');
  const found = ARCHITECTURES.find((known) =>
    modelType ? known.modelType === modelType : known.className === className,
  );
  if (found) return found;
  const asked = modelType || (typeof className === 'string' ? className : '');
  const known = ARCHITECTURES.map((architecture) => architecture.modelType).join(', ');
  const place = { file: config.file, where: 'model_type', value: asked, limit: known };
  if (!asked) {
    throw new ImportError('missing', place, `the field "model_type" is missing; known are: ${known}.`);
  }
  const sentence = `the architecture ${quote(asked)} cannot be imported; known are: ${known}.`;
  throw new ImportError('unsupported', place, sentence);
}
