/** The models of the catalogue that are fetched on demand. */
import type { Remote } from '../state/library.ts';

const row = (
  id: string,
  name: string,
  family: string,
  hub: string,
  layers: number,
  parameters: number,
  context: number,
  licence: string,
  download: number,
  stored: number,
  more: Partial<Remote> = {},
): Remote => ({
  id,
  name,
  family,
  reference: { kind: 'hub', id: hub, revision: null, file: null },
  layers,
  parameters,
  context,
  licence,
  licenceNote: null,
  gated: false,
  mirror: null,
  download,
  stored,
  ...more,
});

const ALL = [
  row('gpt2', 'GPT-2', 'gpt2', 'test/medium', 12, 124e6, 1024, 'MIT', 548e6, 176e6),
  row('distilgpt2', 'DistilGPT-2', 'gpt2', 'test/gpt2', 6, 82e6, 1024, 'Apache-2.0', 353e6, 120e6),
  row('opt-125m', 'OPT-125M', 'opt', 'test/opt', 12, 125e6, 2048, 'OPT licence', 251e6, 176e6, {
    licenceNote: 'non-commercial research only',
  }),
  row('pythia-70m', 'Pythia-70M', 'gptneox', 'test/gptneox', 6, 70e6, 2048, 'Apache-2.0', 166e6, 99e6),
  row('pythia-160m', 'Pythia-160M', 'gptneox', 'test/sharded', 12, 162e6, 2048, 'Apache-2.0', 375e6, 211e6),
  row('qwen2.5-0.5b', 'Qwen2.5-0.5B', 'qwen2', 'test/one-gguf', 24, 494e6, 32768, 'Apache-2.0', 988e6, 675e6),
  row(
    'tinyllama-1.1b',
    'TinyLlama-1.1B',
    'llama',
    'test/llama',
    22,
    1.1e9,
    2048,
    'Apache-2.0',
    2.2e9,
    1.17e9,
  ),
  row('phi-1.5', 'Phi-1.5', 'phi2', 'test/pickle', 24, 1.42e9, 2048, 'MIT', 2.84e9, 1.51e9),
  row(
    'llama-3.2-1b',
    'Llama-3.2-1B',
    'llama',
    'test/gated',
    16,
    1.24e9,
    131072,
    'Llama 3.2',
    2.47e9,
    1.63e9,
    {
      gated: true,
      mirror: { kind: 'hub', id: 'unsloth/Llama-3.2-1B', revision: null, file: null },
    },
  ),
];

export function remotes(): readonly Remote[] {
  return ALL;
}
