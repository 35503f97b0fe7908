/** What a person pasted, as a Reference: ids of the Hub, its pages and files, and files anywhere else. */
import { EngineError } from '../engine/protocol.ts';
import { quote } from '../import/errors.ts';
import type { Reference } from './protocol.ts';

type PastedReference = Exclude<Reference, { kind: 'files' }>;

const HUB_HOSTS = new Set(['huggingface.co', 'www.huggingface.co', 'hf.co']);
const LONGEST = 2000;
/** "gpt2" or "owner/name"; neither part begins with a dot or a dash. */
const ID = /^\w[\w.-]{0,95}(?:\/\w[\w.-]{0,95})?$/;
const REVISION = /^\w[\w.-]*(?:\/\w[\w.-]*){0,3}$/;
/** Of a Hub page: id, and perhaps a revision and what is looked at. Revisions of pull requests have three parts. */
const PAGE = /^(.+?)\/(?:resolve|blob|raw|tree)\/(refs\/[^/]+\/[^/]+|[^/]+)(?:\/(.*))?$/;
const WEIGHTS = /\.(?:gguf|safetensors|safetensors\.index\.json)$/i;

/** `endpoint` is the Hub in use, whose own addresses are understood as well. Throws EngineError, one sentence. */
export function parseReference(pasted: string, endpoint: string): PastedReference {
  const text = pasted.trim();
  if (text === '')
    throw bad('Paste the id of a model on the Hub, such as openai-community/gpt2, or an address.');
  if (text.length > LONGEST)
    throw bad(`This is ${text.length} characters long, more than any model's id or address (${LONGEST}).`);
  if (/^https?:\/\//i.test(text)) return parseAddress(text, endpoint);
  // Addresses of the Hub are often passed on without their scheme.
  if (HUB_HOSTS.has(text.split('/', 1)[0] ?? '')) return parseAddress(`https://${text}`, endpoint);
  const [id = '', revision, ...rest] = text.split('@');
  if (rest.length > 0 || (revision !== undefined && !REVISION.test(revision))) throw badId(text);
  const [owner = '', name = '', ...path] = id.split('/');
  if (path.length === 0) return hub(id, revision ?? null, null, text);
  return hub(`${owner}/${name}`, revision ?? null, path.join('/'), text);
}

function parseAddress(text: string, endpoint: string): PastedReference {
  const url = URL.parse(text);
  if (url === null) throw bad(`${quote(text)} is not a complete address.`);
  if (url.username !== '' || url.password !== '')
    throw bad('This address holds a user name or a password; paste one without.');
  if (HUB_HOSTS.has(url.hostname) || url.origin === URL.parse(endpoint)?.origin) return parsePage(url, text);
  if (!WEIGHTS.test(url.pathname))
    throw bad(
      `${quote(text)} does not end in .gguf, .safetensors or .safetensors.index.json; paste the address of the file itself.`,
    );
  return { kind: 'url', url: url.href };
}

function parsePage(url: URL, text: string): PastedReference {
  const path = decode(url.pathname, text).replace(/^\/+|\/+$/g, '');
  if (/^(?:datasets|spaces|docs|collections|papers|api)\//.test(path))
    throw bad(`${quote(text)} is not a model's page; a model's has the form ${url.host}/owner/name.`);
  const page = PAGE.exec(path);
  if (page === null) return hub(path, null, null, text);
  const [, id = '', revision = '', file = ''] = page;
  return hub(id, revision === 'main' ? null : revision, file === '' ? null : file, text);
}

/** Of the files in a repository only a .gguf says which weights are meant; others stand for the repository's own. */
function hub(id: string, revision: string | null, path: string | null, text: string): PastedReference {
  if (!ID.test(id) || id.includes('..')) throw badId(text);
  if (path?.split('/').includes('..') === true) throw badId(text);
  const file = path !== null && /\.gguf$/i.test(path) ? path : null;
  if (path !== null && file === null && !/\.(?:safetensors|json|bin|md)$/i.test(path)) throw badId(text);
  return { kind: 'hub', id, revision, file };
}

function decode(path: string, text: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw bad(`${quote(text)} is not a complete address.`);
  }
}

function badId(text: string): EngineError {
  return bad(
    `${quote(text)} is neither a model's id (owner/name, perhaps with @revision) nor the address of a model file.`,
  );
}

function bad(sentence: string): EngineError {
  return new EngineError('bad-reference', sentence);
}
