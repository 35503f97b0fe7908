/* Results on paper: canonical settings, digest, JSON and CSV (the latter two are declared in logitscope.h). */
#ifndef LS_REPORT_REPORT_H
#define LS_REPORT_REPORT_H

#include "logitscope.h"
#include "report/text.h"

/* Purpose: the settings of a result as canonical JSON: fixed keys in a fixed order, no white space. Sinks
 * and window are there only when there is a window. */
void ls_report_settings(ls_text *text, const ls_result *result);

/* Purpose: SHA-256 over, in this order: the model file's SHA-256 (64 hex digits), the canonical settings, the
 * token ids (u32), every column of LS_STAT_LIST (f32, layer-major), the top ids (u32) and their probabilities
 * (f32), and the states (u8); numbers little-endian. */
ls_status ls_report_digest(const ls_result *result, const ls_allocator *allocator, char hex[65], ls_error *err);

ls_status ls_report_json(const ls_result *result, const ls_allocator *allocator, char **out, size_t *length,
                         ls_error *err);
ls_status ls_report_csv(const ls_result *result, const ls_allocator *allocator, char **out, size_t *length,
                        ls_error *err);

#endif
