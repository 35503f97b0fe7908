import { describe, expect, it } from 'vitest';
import { sortFiles } from '@web/state/intake.ts';

function sorted(...paths: string[]): unknown {
  return sortFiles(paths, (path) => ({ name: path.split('/').at(-1) ?? '', path }));
}

describe('a heap of files', () => {
  it('holds single models', () => {
    expect(sorted('a.gguf', 'b.GGUF')).toEqual({ singles: ['a.gguf', 'b.GGUF'], sets: [] });
  });

  it('holds shards, which belong together', () => {
    const shards = ['m-00001-of-00002.gguf', 'm-00002-of-00002.gguf'];
    expect(sorted(...shards, 'other.gguf')).toEqual({
      singles: ['other.gguf'],
      sets: [{ name: 'm', files: shards }],
    });
  });

  it('holds the folder of a checkpoint, named after the folder', () => {
    const folder = ['gpt2/config.json', 'gpt2/tokenizer.json', 'gpt2/model.safetensors'];
    expect(sorted(...folder, 'gpt2/README.md', 'gpt2/.git/config')).toEqual({
      singles: [],
      sets: [{ name: 'gpt2', files: folder }],
    });
    expect(sorted('config.json', 'model.safetensors')).toMatchObject({ sets: [{ name: 'chosen files' }] });
  });

  it('leaves a folder alone that holds no model, but not a file that was chosen by itself', () => {
    expect(sorted('photos/a.jpg', 'photos/notes.txt')).toEqual({ singles: [], sets: [] });
    expect(sorted('notes.txt', 'image.png')).toEqual({ singles: ['image.png', 'notes.txt'], sets: [] });
  });
});
