/* Normalisation form C (Unicode Standard Annex 15). */
#ifndef LS_TEXT_NORMALIZE_H
#define LS_TEXT_NORMALIZE_H

#include "base/arena.h"
#include "base/str.h"

/* Purpose: NFC of valid UTF-8. *out is the text itself where it is in that form already (the usual case, which
 * allocates nothing), else memory of `arena`. Linear time, whatever the marks. */
ls_status ls_nfc(ls_str text, ls_arena *arena, ls_str *out, ls_error *err);

#endif
