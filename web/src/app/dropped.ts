/** The files of a drop or a picker, with where they lay: dropped folders are walked. */
import { EngineError } from '../engine/protocol.ts';

export interface Picked {
  readonly file: File;
  /** Below what was picked: "gpt2/model.safetensors". */
  readonly path: string;
}

/** A model's folder holds some dozens of files; a walk that finds thousands has entered something else. */
const MOST = 2000;

export function picked(files: Iterable<File>): Picked[] {
  return Array.from(files, (file) => ({ file, path: file.webkitRelativePath || file.name }));
}

/** Reads the entries before it waits for anything: afterwards the browser has emptied the transfer. */
export async function dropped(transfer: DataTransfer): Promise<Picked[]> {
  const entries = [...transfer.items]
    .map((item) => item.webkitGetAsEntry())
    .filter((entry) => entry !== null);
  if (entries.length === 0) return picked(transfer.files);
  const found: Picked[] = [];
  for (const entry of entries) await walk(entry, found);
  return found;
}

async function walk(entry: FileSystemEntry, found: Picked[]): Promise<void> {
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => {
      entry.file(resolve, reject);
    });
    found.push({ file, path: entry.fullPath.replace(/^\//, '') });
    if (found.length > MOST)
      throw new EngineError('too-many-files', `What was dropped holds more than ${MOST} files.`);
    return;
  }
  for (const child of await children(entry as FileSystemDirectoryEntry)) await walk(child, found);
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

/** A reader gives the entries in portions, and none at the end. */
async function children(directory: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = directory.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const portion = await new Promise<FileSystemEntry[]>((resolve, reject) => {
      reader.readEntries(resolve, reject);
    });
    if (portion.length === 0) return all;
    all.push(...portion);
  }
}
