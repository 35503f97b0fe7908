#include "support/gguf_cases.h"

#include "quant/types.h"

const gguf_case *gguf_case_at(size_t index) {
    size_t metadata = 0;
    while (gguf_metadata_case(metadata) != NULL) metadata++;
    return index < metadata ? gguf_metadata_case(index) : gguf_tensor_case(index - metadata);
}

void gguf_sample(gguf_builder *b) {
    static const char *const tokens[] = {"a", "b", "", "ab"};
    static const int32_t types[] = {1, 1, 3, -1};
    static const float weights[4] = {0.5f, -1, 2, 0};
    static const uint64_t one[1] = {4}, square[2] = {4, 4}, blocks[3] = {32, 2, 1};
    gb_begin(b);
    gb_kv_string(b, "general.architecture", "gpt2");
    gb_kv_alignment(b, 64);
    gb_kv_u32(b, "u32", 4000000000u);
    gb_kv_u64(b, "u64", UINT64_C(1) << 32);
    gb_kv_f32(b, "f32", 0.1f);
    gb_kv_f64(b, "f64", 1e300);
    gb_kv_bool(b, "yes", 1);
    gb_kv_bool(b, "no", 0);
    gb_key(b, "u8", LS_GGUF_U8);
    gb_u8(b, 200);
    gb_key(b, "i8", LS_GGUF_I8);
    gb_u8(b, 200); /* -56 */
    gb_key(b, "u16", LS_GGUF_U16);
    gb_bytes(b, "\xfe\xff", 2);
    gb_key(b, "i16", LS_GGUF_I16);
    gb_bytes(b, "\xfe\xff", 2); /* -2 */
    gb_key(b, "i32", LS_GGUF_I32);
    gb_u32(b, 7);
    gb_key(b, "i64", LS_GGUF_I64);
    gb_u64(b, UINT64_MAX); /* -1 */
    gb_kv_strings(b, "tokens", tokens, 4);
    gb_kv_i32s(b, "types", types, 4);
    gb_key(b, "wide", LS_GGUF_ARRAY);
    gb_u32(b, LS_GGUF_I64);
    gb_u64(b, 2);
    gb_u64(b, 5);
    gb_u64(b, UINT64_C(1) << 31); /* one more than i32 holds */
    gb_key(b, "empty", LS_GGUF_ARRAY);
    gb_u32(b, LS_GGUF_U8);
    gb_u64(b, 0);
    gb_tensor(b, "norm.bias", 1, one, LS_GGML_F32, weights, sizeof weights);
    gb_tensor(b, "token_embd.weight", 3, blocks, LS_GGML_Q8_0, NULL, 2 * 34);
    gb_tensor(b, "output.weight", 2, square, LS_GGML_F16, NULL, 32);
    gb_finish(b);
}
