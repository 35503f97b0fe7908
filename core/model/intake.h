/*
 * Weights from a file into memory as its bytes come in: from the first to the last, each once. Whoever has the
 * bytes writes them into `room`; while the next ones are fetched, those before are hashed and repacked on the
 * pool.
 */
#ifndef LS_MODEL_INTAKE_H
#define LS_MODEL_INTAKE_H

#include "base/pool.h"
#include "base/sha256.h"
#include "model/slots.h"

/* Rows of a slot that lie in a piece from `at` on. */
typedef struct ls_intake_job {
    const ls_slot *slot;
    uint64_t row, rows;
    size_t at;
} ls_intake_job;

enum { LS_INTAKE_JOBS = 64 };

/* A stretch of the file, and what is to become of it besides being hashed. It ends where a row ends, in the
 * middle of a panel only where no panel fits. */
typedef struct ls_piece {
    unsigned char *bytes;
    size_t size, filled;
    size_t job_count;
    ls_intake_job jobs[LS_INTAKE_JOBS];
} ls_piece;

typedef struct ls_intake {
    const ls_slots *slots;
    ls_pool *pool;
    ls_sha256 *hash;      /* of the whole file, or NULL */
    size_t capacity;      /* of each piece */
    uint64_t at;          /* the file up to here has its place in a piece; what comes next is */
    uint64_t tensor, row; /* this row of this tensor, by offset, or bytes before it */
    ls_piece pieces[2];
    unsigned turn;           /* the piece that is being filled */
    const ls_piece *working; /* the other one while it is in the hands of the pool, or NULL */
    uint64_t run;            /* the pool's number for it */
} ls_intake;

/* Purpose: make ready for the first byte. Slots have their room already (ls_slots_reserve); pieces come from
 * `scratch`. `hash`, where there is one, is fed with every byte. Everything given must outlive the intake. */
ls_status ls_intake_open(ls_intake *intake, const ls_slots *slots, ls_pool *pool, ls_sha256 *hash,
                         ls_arena *scratch, ls_error *err);

/* Purpose: where the next bytes of the file go, and for how many there is room: 0 at the end of the file. */
unsigned char *ls_intake_room(ls_intake *intake, size_t *n);

/* Purpose: n bytes are there, at most as many as there was room for. A piece that is full goes to work; this
 * waits for the one before it. */
void ls_intake_feed(ls_intake *intake, size_t n);

/* Purpose: bytes fed so far. */
uint64_t ls_intake_fed(const ls_intake *intake);

/* Purpose: wait until nothing is at work. */
void ls_intake_settle(ls_intake *intake);

#endif
