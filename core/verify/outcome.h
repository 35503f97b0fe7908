/* The outcome of a verification as JSON. */
#ifndef LS_VERIFY_OUTCOME_H
#define LS_VERIFY_OUTCOME_H

#include "logitscope.h"

/* Purpose: schema logitscope.verification/1, as ls_verification_json. */
ls_status ls_outcome_json(const ls_verification *outcome, const ls_allocator *allocator, char **out,
                          size_t *length, ls_error *err);

#endif
