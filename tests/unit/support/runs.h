/* From a model file to a result in one line, for tests that are about what comes after. Anything that is
 * refused on the way fails the test with the core's own message. */
#ifndef RUNS_H
#define RUNS_H

#include "logitscope.h"

#define FIXTURES "tests/golden/fixtures/"

typedef struct file_bytes {
    unsigned char *bytes; /* freed by the caller */
    size_t length;
} file_bytes;

/* Purpose: a whole file. */
file_bytes load_file(const char *path);

/* Purpose: an engine on malloc; kernel NULL means the fastest. */
ls_engine *open_engine(const char *kernel, unsigned threads);

/* Purpose: a model from a file on disk, or from memory. */
ls_model *open_model(ls_engine *engine, const char *path);
ls_model *open_model_bytes(ls_engine *engine, const void *bytes, size_t n);

/* Purpose: a text read to the end through a lens. */
ls_session *run_text(ls_model *model, const char *text, ls_lens lens);
/* Purpose: the remaining steps of a session. */
void run_to_end(ls_session *session);

/* Purpose: measured under the default settings, through the lens of the session. */
ls_result *measure(ls_session *session, ls_lens lens);

/* Purpose: the whole way, everything closed but the result. */
ls_result *analyze(const char *kernel, unsigned threads, const char *path, const char *text, ls_lens lens);

#endif
