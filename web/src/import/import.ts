/**
 * Any source of a model to one GGUF file: what is there decides how it is read. Nothing here knows Node or the page;
 * files come as sources, bytes go to a target.
 */
import { ImportError } from './errors.ts';
import { findWeights, planFolder } from './folder.ts';
import { findGguf, planGguf } from './gguf-files.ts';
import type { ImportPlan, ImportRequest } from './import-plan.ts';

/**
 * Purpose: everything about the result but its weights, from headers and small files. Weights with a config.json are
 * converted, else a .gguf is copied and its shards merged. Throws ImportError for anything wrong with the input, and the
 * signal's reason when cancelled.
 */
export async function planImport(request: ImportRequest): Promise<ImportPlan> {
  const { files, from, signal } = request;
  signal?.throwIfAborted();
  const has = (name: string): boolean => files.some((file) => file.name === name);
  if (!has('config.json') || !findWeights(request)) {
    const gguf = await findGguf(request);
    if (gguf) return planGguf(request, gguf);
  }
  if (files.length > 0) return planFolder(request);
  throw new ImportError('missing', { file: from }, 'there are no files.');
}
