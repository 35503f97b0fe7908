#include "model/intake.h"

enum {
    PIECE_BYTES = 1 << 20, /* at least a row, if that is more */
    JOB_BYTES = 1 << 16,
};

/* ---- a piece at work ------------------------------------------------------------------------------------ */

static void take_rows(const ls_piece *piece, const ls_intake_job *job) {
    const ls_slot *slot = job->slot;
    ls_ggml_type type = (ls_ggml_type)slot->tensor->type;
    const unsigned char *bytes = piece->bytes + job->at;
    if (slot->matrix != NULL) {
        ls_matrix_set_rows(slot->matrix, type, (size_t)job->row, (size_t)job->rows, bytes);
        return;
    }
    size_t inputs = (size_t)slot->inputs, row_bytes = ls_row_bytes(type, inputs);
    float *out = *slot->vector + job->row * inputs;
    for (uint64_t r = 0; r < job->rows; r++)
        ls_row_to_f32(type, inputs, bytes + r * row_bytes, out + r * inputs);
}

/* The hash comes first: it is one job, and longer than any other. */
static void work_on_piece(void *ctx, size_t job, unsigned worker) {
    (void)worker;
    const ls_intake *intake = ctx;
    const ls_piece *piece = intake->working;
    size_t hashes = intake->hash != NULL;
    if (job < hashes)
        ls_sha256_update(intake->hash, piece->bytes, piece->size);
    else
        take_rows(piece, &piece->jobs[job - hashes]);
}

void ls_intake_settle(ls_intake *intake) {
    if (intake->working != NULL) ls_pool_finish(intake->pool, intake->run);
    intake->working = NULL;
}

static void start_work(ls_intake *intake, const ls_piece *piece) {
    ls_intake_settle(intake);
    intake->working = piece;
    intake->run = ls_pool_start(intake->pool, piece->job_count + (intake->hash != NULL), work_on_piece, intake);
}

/* ---- what goes into a piece ------------------------------------------------------------------------------ */

/* Bytes that are no row: header, padding, what follows the last tensor. */
static void plan_gap(ls_intake *intake, ls_piece *piece, uint64_t end) {
    size_t room = intake->capacity - piece->size;
    uint64_t left = end - intake->at;
    size_t n = left < room ? (size_t)left : room;
    piece->size += n;
    intake->at += n;
}

/* How many of the rows that are left go into `fit`: whole panels, unless these are the last rows, or an empty
 * piece holds no panel. */
static uint64_t rows_of_job(uint64_t left, uint64_t fit, uint64_t group, int empty) {
    uint64_t rows = left < group ? left : group;
    if (rows <= fit) return rows;
    return fit >= LS_LANES ? fit - fit % LS_LANES : empty ? fit : 0;
}

/* Returns whether anything of the tensor found its place. */
static int plan_rows(ls_intake *intake, ls_piece *piece, const ls_slot *slot) {
    size_t row_bytes = ls_row_bytes((ls_ggml_type)slot->tensor->type, (size_t)slot->inputs);
    size_t panels = JOB_BYTES / row_bytes / LS_LANES;
    uint64_t rows = rows_of_job(slot->outputs - intake->row, (intake->capacity - piece->size) / row_bytes,
                                (panels > 0 ? panels : 1) * LS_LANES, piece->size == 0);
    if (rows == 0) return 0;
    piece->jobs[piece->job_count++] = (ls_intake_job){slot, intake->row, rows, piece->size};
    piece->size += (size_t)rows * row_bytes;
    intake->at += rows * row_bytes;
    intake->row += rows;
    if (intake->row < slot->outputs) return 1;
    intake->row = 0;
    intake->tensor++;
    return 1;
}

static void plan(ls_intake *intake, ls_piece *piece) {
    const ls_gguf *gguf = intake->slots->gguf;
    piece->size = piece->filled = piece->job_count = 0;
    while (intake->at < gguf->size && piece->size < intake->capacity && piece->job_count < LS_INTAKE_JOBS) {
        const ls_gguf_tensor *next =
            intake->tensor < gguf->tensor_count ? gguf->by_offset[intake->tensor] : NULL;
        uint64_t end = next != NULL ? next->offset : gguf->size;
        if (intake->at < end)
            plan_gap(intake, piece, end);
        else if (!plan_rows(intake, piece, intake->slots->by_tensor[next - gguf->tensors]))
            return;
    }
}

/* ---- bytes that come in ---------------------------------------------------------------------------------- */

ls_status ls_intake_open(ls_intake *intake, const ls_slots *slots, ls_pool *pool, ls_sha256 *hash,
                         ls_arena *scratch, ls_error *err) {
    const ls_gguf *gguf = slots->gguf;
    *intake = (ls_intake){.slots = slots, .pool = pool, .hash = hash, .capacity = PIECE_BYTES};
    for (uint64_t i = 0; i < gguf->tensor_count; i++) {
        size_t row = ls_row_bytes((ls_ggml_type)gguf->tensors[i].type, (size_t)gguf->tensors[i].dims[0]);
        if (row > intake->capacity) intake->capacity = row;
    }
    ls_status status = LS_OK;
    for (int i = 0; i < 2 && status == LS_OK; i++)
        status =
            ls_arena_reserve(scratch, intake->capacity, 1, "reading the model", &intake->pieces[i].bytes, err);
    if (status == LS_OK) plan(intake, &intake->pieces[intake->turn]);
    return status;
}

unsigned char *ls_intake_room(ls_intake *intake, size_t *n) {
    const ls_piece *piece = &intake->pieces[intake->turn];
    *n = piece->size - piece->filled;
    return piece->bytes + piece->filled;
}

uint64_t ls_intake_fed(const ls_intake *intake) {
    const ls_piece *piece = &intake->pieces[intake->turn];
    return intake->at - (piece->size - piece->filled);
}

void ls_intake_feed(ls_intake *intake, size_t n) {
    ls_piece *piece = &intake->pieces[intake->turn];
    piece->filled += n;
    if (n == 0 || piece->filled < piece->size) return;
    start_work(intake, piece);
    intake->turn = !intake->turn;
    plan(intake, &intake->pieces[intake->turn]);
}
