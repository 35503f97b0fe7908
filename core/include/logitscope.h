/*
 * logitscope.h: the one public header of the Logitscope core.
 *
 * Bytes in, results out. The core prints nothing, opens no files, reads no clock, keeps no global state
 * and never exits. Objects are opaque and owned by whoever opened them; every open has a close that accepts
 * NULL. Functions that can fail return an ls_status and, where `err` is not NULL, fill it with one sentence
 * a person can act on.
 *
 *   ls_engine   allocator + kernels + threads           lives longest
 *   ls_model    weights and tokeniser of one model      belongs to an engine
 *   ls_loading  a model whose bytes are coming in       belongs to an engine; becomes a model
 *   ls_session  one text through one model, step by step; keeps the residual stream, so that a lens can be
 *               run again without a forward pass        belongs to a model
 *   ls_result   columns of statistics, states, summary  stands alone
 *   ls_verify   one known-answer grid against one model belongs to a model
 *
 * Definitions of every quantity: README.md, "Definitions". Logarithms are natural (nats).
 * The same model file, text and settings give the same bits for any kernel and number of threads.
 */
#ifndef LOGITSCOPE_H
#define LOGITSCOPE_H

#include <stddef.h>
#include <stdint.h>

#define LS_VERSION "0.1.0"

/* ---- status and errors ------------------------------------------------------------------------------ */

/* X(code, name): the name is stable and appears in JSON and tests. */
#define LS_STATUS_LIST(X)                                                                                      \
    X(LS_OK, "ok")                                                                                             \
    X(LS_MORE, "more")                   /* not an error: call the step function again */                      \
    X(LS_ERR_ARGUMENT, "bad-argument")   /* the caller's setting is out of its range */                        \
    X(LS_ERR_MEMORY, "out-of-memory")    /* an allocation was refused */                                       \
    X(LS_ERR_READ, "read-failed")        /* the source could not deliver the bytes asked for */                \
    X(LS_ERR_EMPTY, "empty")             /* nothing there at all */                                            \
    X(LS_ERR_TRUNCATED, "truncated")     /* the file ends before what it announces */                          \
    X(LS_ERR_MAGIC, "not-a-model")       /* these bytes are something else */                                  \
    X(LS_ERR_VERSION, "bad-version")     /* a container version that is not read */                            \
    X(LS_ERR_COUNT, "bad-count")         /* a count that the rest of the file cannot hold */                   \
    X(LS_ERR_LENGTH, "bad-length")       /* a string or array length out of its limits */                      \
    X(LS_ERR_ENCODING, "bad-encoding")   /* invalid UTF-8, or NUL inside a name */                             \
    X(LS_ERR_DUPLICATE, "duplicate")     /* the same name twice */                                             \
    X(LS_ERR_TYPE, "bad-type")           /* a value or tensor type unknown or out of place */                  \
    X(LS_ERR_VALUE, "bad-value")         /* a value outside of what its field allows */                        \
    X(LS_ERR_ALIGNMENT, "bad-alignment") /* alignment or offset not aligned */                                 \
    X(LS_ERR_SHAPE, "bad-shape")         /* dimensions wrong, zero, or not what the model needs */             \
    X(LS_ERR_OVERFLOW, "overflow")       /* a size that does not fit in 64 bits, or in memory */               \
    X(LS_ERR_OVERLAP, "overlap")         /* two tensors claim the same bytes */                                \
    X(LS_ERR_MISSING, "missing")         /* a key or tensor that the model needs is absent */                  \
    X(LS_ERR_UNSUPPORTED, "unsupported") /* known to exist, not read by this version */                        \
    X(LS_ERR_TEXT_EMPTY, "text-empty")   /* no tokens to analyse */                                            \
    X(LS_ERR_TEXT_LONG, "text-too-long") /* more tokens than the model's context */                            \
    X(LS_ERR_INVARIANT, "invariant")     /* the lens at the last layer is not the model's output */

typedef enum ls_status {
#define X(code, name) code,
    LS_STATUS_LIST(X)
#undef X
} ls_status;

#define LS_NO_OFFSET   UINT64_MAX
#define LS_MESSAGE_MAX 512

/* What went wrong. `offset` is the byte offset in the file (or text) or LS_NO_OFFSET. `message` is UTF-8, one
 * sentence, NUL-terminated; untrusted names inside it are escaped. */
typedef struct ls_error {
    ls_status status;
    uint64_t offset;
    char message[LS_MESSAGE_MAX];
} ls_error;

/* Purpose: the stable name of a status ("ok", "truncated", ...). Never NULL. */
const char *ls_status_name(ls_status status);

/* ---- what the host provides ------------------------------------------------------------------------- */

/* Memory. `alloc` returns at least `size` (> 0) bytes aligned for any type, or NULL. */
typedef struct ls_allocator {
    void *ctx;
    void *(*alloc)(void *ctx, size_t size);
    void (*release)(void *ctx, void *ptr);
} ls_allocator;

/* A file, a Blob or a block of memory: random access to `size` bytes. `read` fills dst with n bytes from
 * `offset` (always inside [0, size]) and returns 0, or anything else when it cannot. `name` is for messages;
 * it must live as long as the source. */
typedef struct ls_source {
    void *ctx;
    uint64_t size;
    const char *name;
    int (*read)(void *ctx, uint64_t offset, void *dst, size_t n);
} ls_source;

/* ---- engine ----------------------------------------------------------------------------------------- */

typedef struct ls_engine ls_engine;

/* Purpose: choose kernels and start a thread pool. `kernel` is a name from ls_kernel_name(), or NULL for the
 * fastest this processor runs. `threads` is 1..64. `allocator` NULL means malloc. The allocator is copied.
 * Errors: LS_ERR_ARGUMENT (unknown kernel, or one this processor cannot run: the names that work are listed).
 */
ls_status ls_engine_open(const char *kernel, unsigned threads, const ls_allocator *allocator, ls_engine **out,
                         ls_error *err);
void ls_engine_close(ls_engine *engine);
const char *ls_engine_kernel(const ls_engine *engine);
unsigned ls_engine_threads(const ls_engine *engine);

/* Purpose: name of the i-th kernel table that this processor can run (0 = fastest), or NULL past the last. */
const char *ls_kernel_name(size_t index);

/* ---- model ------------------------------------------------------------------------------------------ */

typedef struct ls_model ls_model;

/* Facts about a model; strings belong to the model. */
typedef struct ls_model_info {
    const char *name;      /* general.name, or the source's name */
    const char *arch;      /* "gpt2", "llama", ... */
    const char *weights;   /* storage type of most weights: "F32", "Q8_0", ... */
    uint32_t layers;       /* L, blocks */
    uint32_t width;        /* d, channels of the residual stream */
    uint32_t heads;        /* attention heads per block */
    uint32_t feed_forward; /* channels inside the feed-forward network */
    uint32_t context;      /* longest text, in tokens */
    uint32_t vocab;        /* V, tokens in the vocabulary */
    uint64_t parameters;   /* weights in the file, counted once when tied */
    uint64_t bytes;        /* size of the file */
    uint64_t resident;     /* bytes that the open model takes of the allocator: weights and vocabulary */
    /* A session of T tokens takes session_base + T * session_position bytes more, with this engine's threads.
     */
    uint64_t session_base, session_position;
    char sha256[65]; /* of the whole file, lower-case hex; empty when only the header was read */
} ls_model_info;

/* Purpose: read a GGUF model: header, tokeniser, weights (repacked for the kernels), SHA-256. After the header
 * every byte is read once, in order. Ends with a self-check: the normed lens at layer L must equal the model's
 * own output. The source is not used after the call. The engine must outlive the model. */
ls_status ls_model_open(ls_engine *engine, const ls_source *source, ls_model **out, ls_error *err);

/* Purpose: judge a GGUF model by its header, without its weights: container, family, shape, every tensor's
 * presence, type and shape, tokeniser; the same code as in ls_model_open judges them. The source has the size
 * of the whole file, but only its header is asked for; reads beyond it may fail, as they do where nothing more
 * is fetched yet. *out describes the model as if it were open, and tokenises; sessions are refused. */
ls_status ls_model_check(ls_engine *engine, const ls_source *source, ls_model **out, ls_error *err);
void ls_model_close(ls_model *model);
const ls_model_info *ls_model_describe(const ls_model *model);

/*
 * The same for a host that cannot wait for a read, or brings the bytes as they are downloaded: the header
 * first, then the whole file from its first byte to its last, in pieces of any size.
 *
 *   ls_loading_open(engine, &source, NULL, &loading, &err);
 *   while (ls_loading_room(loading, &n), n > 0) { put up to n bytes there; ls_loading_feed(loading, how many);
 * } ls_loading_finish(loading, &model, &err); ls_loading_close(loading);
 *
 * The engine's threads hash and repack what was fed while the host fetches more. Between two calls the host may
 * use the engine for something else, or drop the loading.
 */
typedef struct ls_loading ls_loading;

/* Purpose: judge the header as ls_model_check does and make room for all that is to come. The source is not
 * used after the call. `sha256`, 64 lower-case hex digits, is that of the whole file for a host that knows it:
 * it is then taken for true, and so is every digest that rests on it. NULL: it is computed. */
ls_status ls_loading_open(ls_engine *engine, const ls_source *source, const char *sha256, ls_loading **out,
                          ls_error *err);
/* Purpose: where the next bytes of the file go, and for how many there is room; 0 when all have come. */
void *ls_loading_room(ls_loading *loading, size_t *n);
/* Purpose: say that n bytes are there. Errors: LS_ERR_ARGUMENT when that is more than there was room for. */
ls_status ls_loading_feed(ls_loading *loading, size_t n, ls_error *err);
/* Purpose: the model, once all bytes have come (LS_ERR_TRUNCATED before), after the self-check. To be called
 * once: whatever comes of it, the loading can only be closed afterwards. */
ls_status ls_loading_finish(ls_loading *loading, ls_model **out, ls_error *err);
void ls_loading_close(ls_loading *loading);

/* ---- tokens ----------------------------------------------------------------------------------------- */

typedef struct ls_tokenizer ls_tokenizer;

/* Purpose: read the tokeniser alone from a GGUF header (weights are not touched). */
ls_status ls_tokenizer_open(ls_engine *engine, const ls_source *source, ls_tokenizer **out, ls_error *err);
void ls_tokenizer_close(ls_tokenizer *tokenizer);
/* The tokeniser inside a model; it lives as long as the model. */
const ls_tokenizer *ls_model_tokenizer(const ls_model *model);

/* Purpose: text (UTF-8, n bytes) to token ids, with the begin-of-text token in front where the model asks for
 * one. *ids is allocated with the engine's allocator: release it with ls_release().
 * Bytes that a byte-level vocabulary lacks are left out. Errors: LS_ERR_ENCODING with the offset of the first
 * bad byte. An empty text gives zero or one token. */
ls_status ls_tokenize(const ls_tokenizer *tokenizer, const char *text, size_t n, uint32_t **ids, size_t *count,
                      ls_error *err);
/* Purpose: the bytes of one token (not NUL-terminated, maybe partial UTF-8); NULL and 0 for an unknown id. */
const char *ls_token_bytes(const ls_tokenizer *tokenizer, uint32_t id, size_t *length);
size_t ls_tokenizer_vocab(const ls_tokenizer *tokenizer);
/* Purpose: release memory that a function of this header handed out. */
void ls_release(const ls_engine *engine, void *memory);

/* ---- settings --------------------------------------------------------------------------------------- */

typedef enum ls_lens { LS_LENS_NORMED, LS_LENS_RAW, LS_LENS_COUNT } ls_lens;
typedef enum ls_operator { LS_OP_MASS_MARGIN, LS_OP_TOP_RATIO, LS_OP_ENTROPIC, LS_OP_COUNT } ls_operator;
typedef enum ls_step_rule { LS_STEP_RELATIVE, LS_STEP_ABSOLUTE, LS_STEP_RULE_COUNT } ls_step_rule;

/* How points are read and classified. Sinks and window need a forward pass, the lens a lens pass; everything
 * else is applied at once. */
typedef struct ls_settings {
    ls_lens lens;           /* normed */
    ls_operator op;         /* mass-margin */
    uint32_t from_layer;    /* first layer of the means: 1; 0 includes the embedding; at most L */
    ls_step_rule step_rule; /* relative */
    double step_quantile;   /* 0.75, in [0, 1]: theta_step under the relative rule */
    double step_absolute;   /* 0.5, in [0, 2]: theta_step under the absolute rule */
    double branch_p2;       /* 0.01, in [0, 1]: smallest p2 of a real competitor */
    double branch_ratio;    /* 0.5, in [0, 1]: smallest p2 / p1 of a real competitor */
    /* Attention sinks (Xiao et al. 2024), for models with rotary positions: a position sees the first `sinks`
     * and the last `window`, itself among them, and positions count inside of that. 0 and 0: the model's own
     * reach; sinks need a window, and both together fit the model's context. With a window a text may be longer
     * than the context. */
    uint32_t sinks, window;
} ls_settings;

ls_settings ls_settings_default(void);
const char *ls_lens_name(ls_lens lens);
const char *ls_operator_name(ls_operator op);
const char *ls_step_rule_name(ls_step_rule rule);

/* ---- session ---------------------------------------------------------------------------------------- */

typedef struct ls_session ls_session;

typedef enum ls_phase { LS_PHASE_FORWARD, LS_PHASE_LENS, LS_PHASE_DONE } ls_phase;

typedef struct ls_progress {
    ls_phase phase;
    uint32_t done;   /* forward: blocks run; lens: positions read */
    uint32_t total;  /* forward: L; lens: T */
    double fraction; /* of all the arithmetic, 0..1 */
} ls_progress;

/* Purpose: tokenise a text and make room for its run; of the settings lens, sinks and window matter here
 * (NULL: the defaults). With
 * `cut`, a text longer than the context is cut to the tokens that fit; without, it is refused with the number
 * that fits. A window in the settings lifts that limit. Errors: LS_ERR_ARGUMENT (settings that do not suit the
 * model), LS_ERR_TEXT_EMPTY, LS_ERR_TEXT_LONG, LS_ERR_ENCODING, LS_ERR_MEMORY. */
ls_status ls_session_open(ls_model *model, const char *text, size_t n, int cut, const ls_settings *settings,
                          ls_session **out, ls_error *err);
void ls_session_close(ls_session *session);

/* Purpose: do the next bounded piece of work (one block, or a few positions of the lens). Returns LS_MORE until
 * done, then LS_OK. Between two calls the host may show progress or drop the session; the engine's other
 * threads go on with the lens meanwhile. All calls for one engine come from one thread. */
ls_status ls_session_step(ls_session *session, ls_progress *progress, ls_error *err);

/* Purpose: read the kept residual stream through another lens; the next steps run the lens only. */
ls_status ls_session_set_lens(ls_session *session, ls_lens lens, ls_error *err);

/* Purpose: the V logits of one point through the session's lens. `out` holds V floats. The forward pass must
 * be complete. */
ls_status ls_session_logits(ls_session *session, uint32_t layer, uint32_t position, float *out, ls_error *err);

/* ---- result ----------------------------------------------------------------------------------------- */

/* Per-point statistics, in the order of the digest. X(id, name, unit, first_layer, needs_next):
 * absent (null) below first_layer, and at the last position when needs_next. */
#define LS_STAT_LIST(X)                                                                                        \
    X(LS_STAT_ENTROPY, "entropy", "nats", 0, 0)                                                                \
    X(LS_STAT_ENTROPY_NORM, "entropy_norm", "of ln V", 0, 0)                                                   \
    X(LS_STAT_EFFECTIVE_TOKENS, "effective_tokens", "tokens", 0, 0)                                            \
    X(LS_STAT_P1, "p1", "probability", 0, 0)                                                                   \
    X(LS_STAT_P2, "p2", "probability", 0, 0)                                                                   \
    X(LS_STAT_MARGIN, "margin", "probability", 0, 0)                                                           \
    X(LS_STAT_RATIO, "ratio", "p2 / p1", 0, 0)                                                                 \
    X(LS_STAT_TOP5_MASS, "top5_mass", "probability", 0, 0)                                                     \
    X(LS_STAT_N_1PCT, "n_1pct", "tokens", 0, 0)                                                                \
    X(LS_STAT_MASS_1PCT, "mass_1pct", "probability", 0, 0)                                                     \
    X(LS_STAT_N_REL, "n_rel", "tokens", 0, 0)                                                                  \
    X(LS_STAT_TARGET_P, "target_p", "probability", 0, 1)                                                       \
    X(LS_STAT_TARGET_RANK, "target_rank", "rank, 1 = most likely", 0, 1)                                       \
    X(LS_STAT_SURPRISAL, "surprisal", "nats", 0, 1)                                                            \
    X(LS_STAT_KL_FINAL, "kl_final", "nats", 0, 0)                                                              \
    X(LS_STAT_NORM, "norm", "|h|", 0, 0)                                                                       \
    X(LS_STAT_STEP, "step", "0..2", 1, 0)                                                                      \
    X(LS_STAT_TURN, "turn", "radians", 2, 0)                                                                   \
    X(LS_STAT_G, "g", "0..1", 0, 0)                                                                            \
    X(LS_STAT_D, "d", "0..1", 0, 0)

typedef enum ls_stat {
#define X(id, name, unit, first_layer, needs_next) id,
    LS_STAT_LIST(X)
#undef X
        LS_STAT_COUNT
} ls_stat;

const char *ls_stat_name(ls_stat stat);
/* Purpose: whether a statistic exists at (layer, position) of a text of `positions` tokens. */
int ls_stat_present(ls_stat stat, uint32_t layer, uint32_t position, uint32_t positions);

/* The five states, in the order of every table. */
typedef enum ls_state { LS_STATE_A, LS_STATE_B, LS_STATE_C, LS_STATE_D, LS_STATE_E, LS_STATE_COUNT } ls_state;
#define LS_STATE_LETTERS "ABCDE"
#define LS_STATE_NONE    255 /* layer 0 has no state */
#define LS_TOP_K         10

/* A value with its 95% bootstrap interval over positions (1,000 resamples; low = high = NaN for one position).
 */
typedef struct ls_estimate {
    double value, low, high;
} ls_estimate;

/* Transitions between states along one direction. p and the Wilson 95% interval [low, high] are NaN in a row
 * with no observation; so is `stationary` unless every state that occurs can be reached from every other. */
typedef struct ls_transitions {
    uint32_t counts[LS_STATE_COUNT][LS_STATE_COUNT]; /* [from][to] */
    double p[LS_STATE_COUNT][LS_STATE_COUNT];
    double low[LS_STATE_COUNT][LS_STATE_COUNT];
    double high[LS_STATE_COUNT][LS_STATE_COUNT];
    double self[LS_STATE_COUNT];  /* p[s][s] */
    double dwell[LS_STATE_COUNT]; /* mean length of the runs of a state; NaN where it never occurs */
    double stationary[LS_STATE_COUNT];
} ls_transitions;

/* Everything measured on one session. Columns are indexed [layer * positions + position]; layers run 0..L. */
typedef struct ls_result {
    const ls_model_info *model; /* copied, with its strings */
    const char *kernel;
    unsigned threads;
    ls_settings settings;
    const char *bos;   /* BOS policy: "none", or "prepended " and the token */
    uint32_t cut_from; /* tokens of the text before it was cut to the context; 0 when it was not */
    uint64_t left_out; /* bytes of the text that the vocabulary has no token for, left out as by the published
                          library */

    uint32_t layers;                   /* L */
    uint32_t positions;                /* T */
    uint32_t top_k;                    /* min(LS_TOP_K, V) */
    const uint32_t *tokens;            /* [T] ids */
    const char *const *token_text;     /* [T] UTF-8, NUL-terminated; bytes that are no UTF-8 shown as U+FFFD */
    const float *stats[LS_STAT_COUNT]; /* [(L+1) * T]; canonical NaN where absent */
    const uint32_t *top_ids;           /* [(L+1) * T * top_k] most likely first, ties by lower id */
    const float *top_p;                /* same shape */
    uint32_t vocab_count;              /* different ids in top_ids */
    const uint32_t *vocab_ids;         /* [vocab_count] rising */
    const char *const *vocab_text;     /* [vocab_count] their texts, as token_text */
    const uint8_t *states;             /* [(L+1) * T] ls_state, LS_STATE_NONE at layer 0 */

    double theta_step; /* the threshold in force */
    ls_estimate gd_ratio, mean_g, mean_d;
    const double *gd_ratio_by_layer, *entropy_by_layer, *p1_by_layer; /* [L+1] means over positions */
    double sync; /* Pearson correlation of G and D along depth, mean over positions; may be NaN */
    double shares[LS_STATE_COUNT]; /* fractions of the points at layers 1..L */
    const uint32_t *commit;        /* [T] commit layer */
    ls_estimate commit_mean;       /* in layers */
    ls_transitions depth, token;
    /* Points whose entropy or norm is NaN or infinite, or whose kl_final is though the output is sound: a
     * damaged model. */
    uint32_t nonfinite;
    char digest[65]; /* SHA-256, lower-case hex */
} ls_result;

/* Purpose: classify and summarise a finished session under `settings` (lens, sinks and window must be the
 * session's).
 * Quick: no forward or lens pass. Release with ls_result_close. */
ls_status ls_session_measure(ls_session *session, const ls_settings *settings, ls_result **out, ls_error *err);
void ls_result_close(ls_result *result);

/* Purpose: write a result as canonical JSON (schema logitscope.result/1) or as CSV, one line per point.
 * *text is NUL-terminated and released with ls_release(). */
ls_status ls_result_json(const ls_engine *engine, const ls_result *result, char **text, size_t *length,
                         ls_error *err);
ls_status ls_result_csv(const ls_engine *engine, const ls_result *result, char **text, size_t *length,
                        ls_error *err);

/* ---- verification ----------------------------------------------------------------------------------- */

/*
 * Holds a model against a known-answer grid: the most likely tokens and their probabilities at every layer and
 * position of a few prompts, as somebody else's program computed them from the same model. JSON:
 *
 *   {"model": "gpt2", "lens": "normed", "weights": "float32",
 *    "layout": "top[layer][position][k] = [token id, probability]",
 *    "prompts": [{"text": "Thank you very", "ids": [10449, 345, 845], "top": [[[[10449, 0.97921], ...]]]}]}
 *
 * `weights` says what the numbers were computed from. Other members are passed over.
 *
 * The difference at a cell is the largest |p - p'| among the tokens that the grid lists there. A model passes
 * when every prompt has the grid's token ids, and the mean over all cells, the worst cell and the share of
 * cells with the same most likely token are inside of bounds. Grids are rounded to five digits and computed in
 * float32; what more is allowed depends on what the file can still know:
 *
 *   weights of the file                                 grade            mean    worst   same top-1
 *   F32, F16, or the type that the grid says            LS_GRADE_EXACT   0.002   0.02    0.985
 *   BF16                                                LS_GRADE_BFLOAT  0.01    0.06    0.97
 *   Q8_0                                                LS_GRADE_EIGHT   0.02    0.3     0.95
 *   six bits and fewer                                  LS_GRADE_FEW     0.14    0.95    0.77
 *
 * Where these come from, and what they let through: core/verify/README.md.
 */
typedef enum ls_grade {
    LS_GRADE_EXACT,
    LS_GRADE_BFLOAT,
    LS_GRADE_EIGHT,
    LS_GRADE_FEW,
    LS_GRADE_COUNT
} ls_grade;
const char *ls_grade_name(ls_grade grade);

/* The outcome. Strings belong to the ls_verify. Prompts and positions count from 0. */
typedef struct ls_verification {
    int pass;
    ls_grade grade;
    double mean_bound, largest_bound, top1_bound; /* of the grade */
    const char *grid_model, *grid_weights;
    ls_lens lens;
    uint32_t prompts, same_ids; /* prompts in the grid, and those that the tokeniser reads as the grid says */
    struct {
        uint32_t prompt, position; /* the first difference; where one side has ended, its id is UINT32_MAX */
        uint32_t expected, measured;
    } first_id;     /* when same_ids < prompts */
    uint64_t cells; /* points compared: those of prompts with the same ids */
    double top1;    /* share of them with the same most likely token; NaN without cells, as the next two */
    double mean;    /* difference of probability over all listed tokens */
    double largest; /* the worst of them: */
    struct {
        uint32_t prompt, layer, position, token;
        const char *text, *token_text; /* the prompt's and the token's, UTF-8, NUL-terminated */
        double expected, measured;
    } worst;
} ls_verification;

/* One grid against one model, step by step. Belongs to the model. */
typedef struct ls_verify ls_verify;

/* Purpose: read a grid (n bytes of JSON, at most 4 MiB; not used after the call).
 * Errors, with the byte offset in the grid: LS_ERR_EMPTY, _TRUNCATED, _ENCODING, _LENGTH (too large, too deep),
 * _MAGIC (not JSON), _TYPE, _VALUE, _DUPLICATE, _MISSING, _COUNT, _SHAPE; LS_ERR_SHAPE or LS_ERR_VALUE without
 * an offset when the grid is of a model with other layers or more tokens. */
ls_status ls_verify_open(ls_model *model, const char *json, size_t n, ls_verify **out, ls_error *err);
void ls_verify_close(ls_verify *verify);
/* Purpose: the next bounded piece of work, as ls_session_step; progress counts prompts. */
ls_status ls_verify_step(ls_verify *verify, ls_progress *progress, ls_error *err);
/* Purpose: the outcome once ls_verify_step has returned LS_OK; NULL before. */
const ls_verification *ls_verify_outcome(const ls_verify *verify);
/* Purpose: the outcome as JSON, schema logitscope.verification/1; released with ls_release(). */
ls_status ls_verification_json(const ls_engine *engine, const ls_verification *outcome, char **text,
                               size_t *length, ls_error *err);

#endif
