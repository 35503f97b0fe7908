/* AVX2: one panel of eight outputs fills one register. Compiled with -mavx2 and without FMA. */
#include <immintrin.h>
#include <string.h>

#include "base/math.h"
#include "kernels/kernels.h"

static int available(void) { return __builtin_cpu_supports("avx2"); }

/* Two neighbouring inputs in every 32-bit lane. */
static inline __m256i broadcast_pair(const int16_t *x) {
    int32_t pair;
    memcpy(&pair, x, sizeof pair);
    return _mm256_set1_epi32(pair);
}

/* `rows` is a constant at every call, so that the accumulators stay in registers. */
static inline __attribute__((always_inline)) void q8_rows(size_t rows, size_t blocks, const int16_t *x,
                                                          const float *x_scale, const int8_t *w,
                                                          const float *w_scale, float *out, size_t out_stride) {
    __m256 sum[LS_TILE_ROWS];
    for (size_t r = 0; r < rows; r++) sum[r] = _mm256_setzero_ps();
    for (size_t b = 0; b < blocks; b++) {
        __m256i exact[LS_TILE_ROWS];
        for (size_t r = 0; r < rows; r++) exact[r] = _mm256_setzero_si256();
        for (size_t pair = 0; pair < LS_BLOCK / 2; pair++) {
            const int8_t *packed = w + b * LS_Q8_PANEL_BLOCK + pair * 2 * LS_LANES;
            __m256i weights = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)packed));
            for (size_t r = 0; r < rows; r++) {
                __m256i inputs = broadcast_pair(x + (r * blocks + b) * LS_BLOCK + 2 * pair);
                exact[r] = _mm256_add_epi32(exact[r], _mm256_madd_epi16(weights, inputs));
            }
        }
        __m256 weight_scale = _mm256_loadu_ps(w_scale + b * LS_LANES);
        for (size_t r = 0; r < rows; r++) {
            __m256 scale = _mm256_mul_ps(_mm256_set1_ps(x_scale[r * blocks + b]), weight_scale);
            sum[r] = _mm256_add_ps(sum[r], _mm256_mul_ps(_mm256_cvtepi32_ps(exact[r]), scale));
        }
    }
    for (size_t r = 0; r < rows; r++) _mm256_storeu_ps(out + r * out_stride, sum[r]);
}

static void q8_tile(size_t rows, size_t blocks, const int16_t *x, const float *x_scale, const int8_t *w,
                    const float *w_scale, float *out, size_t out_stride) {
    switch (rows) {
    case 4:
        q8_rows(4, blocks, x, x_scale, w, w_scale, out, out_stride);
        break;
    case 3:
        q8_rows(3, blocks, x, x_scale, w, w_scale, out, out_stride);
        break;
    case 2:
        q8_rows(2, blocks, x, x_scale, w, w_scale, out, out_stride);
        break;
    case 1:
        q8_rows(1, blocks, x, x_scale, w, w_scale, out, out_stride);
        break;
    default:
        break;
    }
}

static inline __attribute__((always_inline)) void f32_rows(size_t rows, size_t inputs, const float *x,
                                                           size_t x_stride, const float *w, float *out,
                                                           size_t out_stride) {
    __m256 sum[LS_TILE_ROWS];
    for (size_t r = 0; r < rows; r++) sum[r] = _mm256_setzero_ps();
    for (size_t k = 0; k < inputs; k++) {
        __m256 weights = _mm256_loadu_ps(w + k * LS_LANES);
        for (size_t r = 0; r < rows; r++)
            sum[r] = _mm256_add_ps(sum[r], _mm256_mul_ps(_mm256_set1_ps(x[r * x_stride + k]), weights));
    }
    for (size_t r = 0; r < rows; r++) _mm256_storeu_ps(out + r * out_stride, sum[r]);
}

static void f32_tile(size_t rows, size_t inputs, const float *x, size_t x_stride, const float *w, float *out,
                     size_t out_stride) {
    switch (rows) {
    case 4:
        f32_rows(4, inputs, x, x_stride, w, out, out_stride);
        break;
    case 3:
        f32_rows(3, inputs, x, x_stride, w, out, out_stride);
        break;
    case 2:
        f32_rows(2, inputs, x, x_stride, w, out, out_stride);
        break;
    case 1:
        f32_rows(1, inputs, x, x_stride, w, out, out_stride);
        break;
    default:
        break;
    }
}

static float tile_max(size_t n, const float *z) {
    __m256 largest = _mm256_loadu_ps(z);
    for (size_t i = LS_LANES; i < n; i += LS_LANES) largest = _mm256_max_ps(largest, _mm256_loadu_ps(z + i));
    float lanes[LS_LANES];
    _mm256_storeu_ps(lanes, largest);
    return ls_join_max(lanes);
}

/* ls_expf, eight at a time: the same operations in the same order. */
static inline __m256 exp8(__m256 x) {
    __m256 clamped = _mm256_min_ps(_mm256_set1_ps(LS_EXP_MAX), x); /* keeps NaN: the second operand wins */
    clamped = _mm256_max_ps(_mm256_set1_ps(LS_EXP_MIN), clamped);
    __m256 shifted =
        _mm256_add_ps(_mm256_mul_ps(clamped, _mm256_set1_ps(LS_EXP_LOG2E)), _mm256_set1_ps(LS_EXP_ROUND));
    __m256 n = _mm256_sub_ps(shifted, _mm256_set1_ps(LS_EXP_ROUND));
    __m256 r = _mm256_sub_ps(clamped, _mm256_mul_ps(n, _mm256_set1_ps(LS_EXP_LN2_HI)));
    r = _mm256_sub_ps(r, _mm256_mul_ps(n, _mm256_set1_ps(LS_EXP_LN2_LO)));
    __m256 p = _mm256_add_ps(_mm256_mul_ps(_mm256_set1_ps(LS_EXP_P4), r), _mm256_set1_ps(LS_EXP_P3));
    p = _mm256_add_ps(_mm256_mul_ps(p, r), _mm256_set1_ps(LS_EXP_P2));
    p = _mm256_add_ps(_mm256_mul_ps(p, r), _mm256_set1_ps(LS_EXP_P1));
    p = _mm256_add_ps(_mm256_mul_ps(p, r), _mm256_set1_ps(LS_EXP_P0));
    p = _mm256_add_ps(_mm256_mul_ps(p, _mm256_mul_ps(r, r)), r);
    p = _mm256_add_ps(p, _mm256_set1_ps(1.0f));
    __m256i power = _mm256_slli_epi32(_mm256_castps_si256(shifted), 23);
    power = _mm256_add_epi32(power, _mm256_set1_epi32(0x3f800000));
    __m256 result = _mm256_mul_ps(p, _mm256_castsi256_ps(power));
    __m256 tiny = _mm256_cmp_ps(x, _mm256_set1_ps(LS_EXP_MIN), _CMP_LT_OQ);
    return _mm256_andnot_ps(tiny, result);
}

static ls_lens_sums lens_sums(size_t n, const float *z, const float *z_final, float m) {
    __m256 mass = _mm256_setzero_ps(), moment = mass, cross = mass;
    __m256 reference = _mm256_set1_ps(m);
    for (size_t i = 0; i < n; i += LS_LANES) {
        __m256 logit = _mm256_loadu_ps(z + i);
        __m256 below = _mm256_sub_ps(logit, reference);
        __m256 e = exp8(below);
        __m256 apart = _mm256_sub_ps(logit, _mm256_loadu_ps(z_final + i));
        mass = _mm256_add_ps(mass, e);
        moment = _mm256_add_ps(moment, _mm256_mul_ps(e, below));
        cross = _mm256_add_ps(cross, _mm256_mul_ps(e, apart));
    }
    float lanes[3][LS_LANES];
    _mm256_storeu_ps(lanes[0], mass);
    _mm256_storeu_ps(lanes[1], moment);
    _mm256_storeu_ps(lanes[2], cross);
    return (ls_lens_sums){ls_join_lanes(lanes[0]), ls_join_lanes(lanes[1]), ls_join_lanes(lanes[2])};
}

const ls_kernels ls_kernels_avx2 = {"avx2", available, q8_tile, f32_tile, tile_max, lens_sums};
