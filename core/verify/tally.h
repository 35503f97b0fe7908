/* The count of what agrees and what does not, and the bounds that a model must keep. */
#ifndef LS_VERIFY_TALLY_H
#define LS_VERIFY_TALLY_H

#include "logitscope.h"

typedef struct ls_tally {
    uint64_t cells, same_top1;
    double sum;           /* of the cells' differences */
    ls_verification *out; /* its worst cell is kept up to date */
} ls_tally;

/* Purpose: begin a tally for a model whose weights are mostly of type `weights`, against a grid computed from
 * `grid_weights`; fills in grade and bounds. */
void ls_tally_start(ls_tally *tally, ls_verification *out, const char *weights, const char *grid_weights);

/* What one token of a cell should be and is. */
typedef struct ls_tally_entry {
    uint32_t token;
    double expected, measured;
} ls_tally_entry;

/* How far an entry is off; infinite where the model gives no number. */
double ls_tally_difference(const ls_tally_entry *entry);

/* Purpose: one cell: whether its most likely token is the same, and the listed token that is furthest off. */
void ls_tally_cell(ls_tally *tally, uint32_t prompt, uint32_t layer, uint32_t position, int same_top1,
                   const ls_tally_entry *worst);

/* Purpose: means and verdict, with out->same_ids and out->prompts in place. */
void ls_tally_finish(const ls_tally *tally);

#endif
