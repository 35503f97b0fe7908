/* Cases of the tensor entries and where they lie. */
#include "support/gguf_cases.h"

#include "quant/types.h"

#define TWO_32       (UINT64_C(1) << 32)
#define STR(literal) LS_STR(literal)

static const uint64_t square[2] = {4, 4}; /* an F32 tensor of this shape takes 64 bytes */

/* ---- tensors ---- */

static void tensor_name(gguf_builder *b, ls_str name, uint64_t bad) {
    gb_start(b, 3, 1, 0);
    b->mark = b->file.length + bad;
    gb_tensor_entry(b, name, 2, square, LS_GGML_F32, 0);
    gb_zeros(b, 256);
}
#define A_63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
static void tensor_name_empty(gguf_builder *b) { tensor_name(b, STR(""), 0); }
static void tensor_name_63(gguf_builder *b) { tensor_name(b, STR(A_63), 0); }
static void tensor_name_64(gguf_builder *b) { tensor_name(b, STR(A_63 "a"), 0); }
static void tensor_name_nul(gguf_builder *b) { tensor_name(b, STR("w\0x"), 8 + 1); }
static void tensor_name_utf8(gguf_builder *b) { tensor_name(b, STR("w\xed\xa0\x80"), 8 + 1); }
static void tensor_name_length_max(gguf_builder *b) {
    gb_start(b, 3, 1, 0);
    gb_mark(b);
    gb_u64(b, UINT64_MAX);
    gb_zeros(b, 256);
}

static void tensor_twice(gguf_builder *b) {
    gb_begin(b);
    gb_tensor(b, "a.weight", 2, square, LS_GGML_F32, NULL, 64);
    gb_tensor(b, "b.weight", 2, square, LS_GGML_F32, NULL, 64);
    gb_mark(b);
    gb_tensor(b, "a.weight", 2, square, LS_GGML_F32, NULL, 64);
    gb_finish(b);
}

static void tensor_n_dims(gguf_builder *b, uint32_t n_dims) {
    gb_start(b, 3, 1, 0);
    gb_str(b, STR("w"));
    gb_mark(b);
    gb_u32(b, n_dims);
    gb_zeros(b, 256);
}
static void n_dims_0(gguf_builder *b) { tensor_n_dims(b, 0); }
static void n_dims_5(gguf_builder *b) { tensor_n_dims(b, 5); }
static void n_dims_max(gguf_builder *b) { tensor_n_dims(b, UINT32_MAX); }

/* One tensor "w"; the mark is at its dimension number `bad`. */
static void tensor_dims(gguf_builder *b, uint32_t n_dims, const uint64_t *dims, uint32_t type, uint32_t bad) {
    gb_start(b, 3, 1, 0);
    b->mark = b->file.length + 8 + 1 + 4 + 8 * bad;
    gb_tensor_entry(b, STR("w"), n_dims, dims, type, 0);
    gb_zeros(b, 256);
}
static void dim_0(gguf_builder *b) { tensor_dims(b, 2, (const uint64_t[]){4, 0}, LS_GGML_F32, 1); }
static void dims_wrap(gguf_builder *b) {
    tensor_dims(b, 2, (const uint64_t[]){TWO_32, TWO_32}, LS_GGML_F32, 1);
}
static void dims_wrap_to_1(gguf_builder *b) {
    /* 3 * 0xaaaaaaaaaaaaaaab = 2^65 + 1 */
    tensor_dims(b, 3, (const uint64_t[]){3, UINT64_C(0xaaaaaaaaaaaaaaab), 1}, LS_GGML_F32, 1);
}
static void bytes_wrap(gguf_builder *b) {
    tensor_dims(b, 1, (const uint64_t[]){(UINT64_C(1) << 62) + 16}, LS_GGML_F32, 0);
}
static void bytes_wrap_q8_0(gguf_builder *b) {
    tensor_dims(b, 2, (const uint64_t[]){32, (UINT64_C(1) << 59) - 1}, LS_GGML_Q8_0, 0);
}
static void row_not_blocks(gguf_builder *b) { tensor_dims(b, 2, (const uint64_t[]){48, 2}, LS_GGML_Q8_0, 0); }
static void row_not_blocks_q4_k(gguf_builder *b) { tensor_dims(b, 2, (const uint64_t[]){128, 2}, 12, 0); }

/* The mark is at the type field. */
static void tensor_type(gguf_builder *b, uint32_t type) {
    tensor_dims(b, 2, (const uint64_t[]){256, 1}, type, 2);
}
static void type_unknown(gguf_builder *b) { tensor_type(b, 1000); }
static void type_next(gguf_builder *b) { tensor_type(b, 42); }
static void type_max(gguf_builder *b) { tensor_type(b, UINT32_MAX); }
static void type_4(gguf_builder *b) { tensor_type(b, 4); }
static void type_31(gguf_builder *b) { tensor_type(b, 31); }
static void type_38(gguf_builder *b) { tensor_type(b, 38); }

/* One F32 tensor "w" of 64 bytes at `offset`, in a file with `room` bytes of tensor data. */
static void tensor_offset(gguf_builder *b, uint64_t offset, size_t room) {
    gb_begin(b);
    gb_tensor_entry(b, STR("w"), 2, square, LS_GGML_F32, offset);
    b->mark = b->file.length - 8;
    gb_finish(b);
    gb_pad(b);
    gb_zeros(b, room);
}
static void offset_misaligned(gguf_builder *b) { tensor_offset(b, 16, 256); }
static void offset_2_32(gguf_builder *b) { tensor_offset(b, TWO_32, 256); }
static void offset_2_63(gguf_builder *b) { tensor_offset(b, UINT64_C(1) << 63, 256); }
static void offset_wraps(gguf_builder *b) { tensor_offset(b, UINT64_MAX - 31, 256); }
static void end_wraps(gguf_builder *b) { tensor_offset(b, UINT64_MAX - 127, 256); }
static void data_past_end_by_1(gguf_builder *b) { tensor_offset(b, 0, 63); }
static void data_missing(gguf_builder *b) { tensor_offset(b, 0, 0); }

static void offset_misaligned_by_key(gguf_builder *b) {
    gb_begin(b);
    gb_kv_alignment(b, 64);
    gb_tensor_entry(b, STR("w"), 2, square, LS_GGML_F32, 32);
    b->mark = b->file.length - 8;
    gb_finish(b);
    gb_pad(b);
    gb_zeros(b, 256);
}

/* A size that would be small if it were cut to 32 bits. */
static void data_of_2_32(gguf_builder *b) {
    tensor_dims(b, 2, (const uint64_t[]){TWO_32 + 4, 1}, LS_GGML_F32, 0);
    b->mark = b->file.length - 256 - 8;
}
static void data_of_2_32_bytes(gguf_builder *b) {
    tensor_dims(b, 2, (const uint64_t[]){1024, 1024 * 1024}, LS_GGML_F32, 0);
    b->mark = b->file.length - 256 - 8;
}

/* Two F32 tensors of 64 bytes; the second entry's offset is marked. */
static void two_tensors(gguf_builder *b, uint64_t first, uint64_t second) {
    gb_begin(b);
    gb_tensor_entry(b, STR("first"), 2, square, LS_GGML_F32, first);
    gb_tensor_entry(b, STR("second"), 2, square, LS_GGML_F32, second);
    b->mark = b->file.length - 8;
    gb_finish(b);
    gb_pad(b);
    gb_zeros(b, 256);
}
static void overlap(gguf_builder *b) { two_tensors(b, 0, 32); }
static void overlap_same(gguf_builder *b) { two_tensors(b, 64, 64); }
static void overlap_out_of_order(gguf_builder *b) {
    two_tensors(b, 96, 64);
    /* The one that begins inside the other is the first entry: 57 bytes before the end of the header. */
    b->mark -= 8 + 6 + 4 + 16 + 4 + 8;
}
static void overlap_of_many(gguf_builder *b) {
    char name[3] = "a0";
    gb_begin(b);
    for (uint64_t i = 0; i < 10; i++) {
        name[1] = (char)('0' + i);
        gb_tensor_entry(b, (ls_str){name, 2}, 2, square, LS_GGML_F32, (9 - i) * 64 + (i == 3 ? 32 : 0));
        if (i == 2) b->mark = b->file.length - 8;
    }
    gb_finish(b);
    gb_pad(b);
    gb_zeros(b, 640);
}

/* ---- odd but right ---- */

static void ok_alignment_24(gguf_builder *b) {
    gb_begin(b);
    gb_kv_alignment(b, 24);
    gb_tensor(b, "a", 2, square, LS_GGML_F32, NULL, 64);
    gb_tensor(b, "b", 2, square, LS_GGML_F32, NULL, 64);
    gb_finish(b);
}
static void ok_trailing_bytes(gguf_builder *b) {
    tensor_offset(b, 0, 64 + 5);
    b->mark = LS_NO_OFFSET;
}
static void ok_hole(gguf_builder *b) {
    tensor_offset(b, 128, 128 + 64);
    b->mark = LS_NO_OFFSET;
}
static void ok_out_of_order(gguf_builder *b) {
    two_tensors(b, 128, 32);
    b->mark = LS_NO_OFFSET;
}
static void ok_unread_type(gguf_builder *b) {
    gb_begin(b);
    gb_tensor(b, "w", 2, (const uint64_t[]){256, 2}, 12, NULL, 2 * 144);
    gb_finish(b);
}
static void ok_name_63(gguf_builder *b) {
    tensor_name_63(b);
    b->mark = LS_NO_OFFSET;
}

static const gguf_case cases[] = {
    {"tensor-name-empty", tensor_name_empty, LS_ERR_LENGTH, "tensor 1: its name is empty"},
    {"tensor-name-64", tensor_name_64, LS_ERR_LENGTH, "64 bytes long, the limit is 63"},
    {"tensor-name-length-max", tensor_name_length_max, LS_ERR_LENGTH, "18446744073709551615 bytes"},
    {"tensor-name-nul", tensor_name_nul, LS_ERR_ENCODING, "tensor \"w\\x00x\""},
    {"tensor-name-invalid-utf8", tensor_name_utf8, LS_ERR_ENCODING, "tensor \"w\\xed\\xa0\\x80\""},
    {"tensor-twice", tensor_twice, LS_ERR_DUPLICATE, "tensor \"a.weight\": it appears a second time"},
    {"n-dims-0", n_dims_0, LS_ERR_SHAPE, "has 0 dimensions, 1 to 4 are allowed"},
    {"n-dims-5", n_dims_5, LS_ERR_SHAPE, "has 5 dimensions"},
    {"n-dims-max", n_dims_max, LS_ERR_SHAPE, "has 4294967295 dimensions"},
    {"dimension-0", dim_0, LS_ERR_SHAPE, "dimension 2 of 2 is 0"},
    {"dimensions-wrap", dims_wrap, LS_ERR_OVERFLOW, "more weights than 64 bits"},
    {"dimensions-wrap-to-1", dims_wrap_to_1, LS_ERR_OVERFLOW, "more weights than 64 bits"},
    {"tensor-bytes-wrap", bytes_wrap, LS_ERR_OVERFLOW, "more bytes than 64 bits"},
    {"tensor-bytes-wrap-q8_0", bytes_wrap_q8_0, LS_ERR_OVERFLOW, "of type Q8_0: more bytes"},
    {"row-not-whole-blocks", row_not_blocks, LS_ERR_SHAPE,
     "rows of 48 weights, but Q8_0 comes in blocks of 32"},
    {"row-not-whole-blocks-q4_k", row_not_blocks_q4_k, LS_ERR_SHAPE, "Q4_K comes in blocks of 256"},
    {"type-unknown", type_unknown, LS_ERR_TYPE, "unknown type 1000"},
    {"type-one-past-last", type_next, LS_ERR_TYPE, "unknown type 42"},
    {"type-max", type_max, LS_ERR_TYPE, "unknown type 4294967295"},
    {"type-removed-4", type_4, LS_ERR_TYPE, "4 (Q4_2), which was removed"},
    {"type-removed-31", type_31, LS_ERR_TYPE, "31 (Q4_0_4_4), which was removed"},
    {"type-removed-38", type_38, LS_ERR_TYPE, "38 (IQ4_NL_8_8), which was removed"},
    {"offset-misaligned", offset_misaligned, LS_ERR_ALIGNMENT,
     "offset 16, not a multiple of the alignment, 32"},
    {"offset-misaligned-by-key", offset_misaligned_by_key, LS_ERR_ALIGNMENT,
     "offset 32, not a multiple of the alignment, 64"},
    {"offset-2p32", offset_2_32, LS_ERR_TRUNCATED, "its data ends at byte 4294967456"},
    {"offset-2p63", offset_2_63, LS_ERR_TRUNCATED, "its data ends at byte 922337203685477"},
    {"offset-wraps", offset_wraps, LS_ERR_OVERFLOW, "beyond what 64 bits can count"},
    {"end-of-data-wraps", end_wraps, LS_ERR_OVERFLOW, "beyond what 64 bits can count"},
    {"data-past-end-by-1", data_past_end_by_1, LS_ERR_TRUNCATED,
     "ends at byte 160, but the file has 159 bytes"},
    {"data-missing", data_missing, LS_ERR_TRUNCATED, "tensor \"w\": its data ends at byte 160"},
    {"data-of-2p32-weights", data_of_2_32, LS_ERR_TRUNCATED, "tensor \"w\": its data ends at byte 171798"},
    {"data-of-2p32-bytes", data_of_2_32_bytes, LS_ERR_TRUNCATED, "its data ends at byte 4294967392"},
    {"overlap", overlap, LS_ERR_OVERLAP, "tensor \"second\": its data begins at byte"},
    {"overlap-same-offset", overlap_same, LS_ERR_OVERLAP, "inside that of tensor \"first\""},
    {"overlap-out-of-order", overlap_out_of_order, LS_ERR_OVERLAP, "tensor \"first\": its data begins at byte"},
    {"overlap-of-many", overlap_of_many, LS_ERR_OVERLAP, "tensor \"a2\": its data begins at byte"},
    {"ok-alignment-24", ok_alignment_24, LS_OK, NULL},
    {"ok-tensor-name-63", ok_name_63, LS_OK, NULL},
    {"ok-trailing-bytes", ok_trailing_bytes, LS_OK, NULL},
    {"ok-hole", ok_hole, LS_OK, NULL},
    {"ok-out-of-order", ok_out_of_order, LS_OK, NULL},
    {"ok-type-not-read", ok_unread_type, LS_OK, NULL},
};

const gguf_case *gguf_tensor_case(size_t index) {
    return index < sizeof cases / sizeof *cases ? &cases[index] : NULL;
}
