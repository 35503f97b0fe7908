/** What a heap of chosen or dropped files is: single models, and sets that make one model together. */

export interface NamedFile {
  readonly name: string;
  /** Where it lies below what was chosen: "gpt2/model.safetensors"; its name alone where nothing is known. */
  readonly path: string;
}

export interface Intake<F> {
  /** Opened by the engine as they are. */
  readonly singles: readonly F[];
  /** Read together: shards of one GGUF, or the folder of a checkpoint. */
  readonly sets: readonly { readonly name: string; readonly files: readonly F[] }[];
}

const SHARD = /^(.*)-\d{5}-of-(\d{5})\.gguf$/i;
const OF_A_CHECKPOINT = /\.(?:safetensors|bin|pt|pth|json|model|txt)$/i;
/** Without one of these a folder holds no model, only files that could stand beside one. */
const MARKS_A_CHECKPOINT = /(?:\.(?:safetensors|bin|pt|pth)|\.index\.json|^config\.json)$/i;

export function sortFiles<F>(files: readonly F[], named: (file: F) => NamedFile): Intake<F> {
  const groups = new Map<string, { name: string; folder: string; files: F[]; marked: boolean }>();
  const singles: F[] = [];
  for (const file of files) {
    const { name, path } = named(file);
    const folder = path.slice(0, Math.max(0, path.length - name.length - 1));
    const place = placeOf(name, folder);
    if (place === null) {
      // Beside others in a folder it is of no concern; alone it was meant, and the engine says what it is.
      if (folder === '' || /\.gguf$/i.test(name)) singles.push(file);
      continue;
    }
    const group = groups.get(place.key) ?? { name: place.name, folder, files: [], marked: false };
    group.files.push(file);
    group.marked ||= place.marks;
    groups.set(place.key, group);
  }
  const all = [...groups.values()];
  const loose = all.filter(({ marked, folder }) => !marked && folder === '').flatMap((group) => group.files);
  return {
    singles: [...singles, ...loose],
    sets: all.filter(({ marked }) => marked).map(({ name, files: members }) => ({ name, files: members })),
  };
}

function placeOf(name: string, folder: string): { key: string; name: string; marks: boolean } | null {
  const shard = SHARD.exec(name);
  if (shard !== null)
    return { key: `${folder}/${shard[1] ?? ''}/${shard[2] ?? ''}.gguf`, name: shard[1] ?? name, marks: true };
  if (!OF_A_CHECKPOINT.test(name)) return null;
  const last = folder.split('/').pop();
  return {
    key: `${folder}/`,
    name: last === undefined || last === '' ? 'chosen files' : last,
    marks: MARKS_A_CHECKPOINT.test(name),
  };
}
