/* Cases up to the end of the metadata. */
#include "support/gguf_cases.h"

#include <string.h>

#define TWO_32       (UINT64_C(1) << 32)
#define STR(literal) LS_STR(literal)

static void text_file(gguf_builder *b, const char *text) {
    gb_bytes(b, text, strlen(text));
    b->mark = 0;
}

/* A key of a valid file, up to its value. */
static void start_value(gguf_builder *b, uint32_t type) {
    gb_start(b, 3, 0, 1);
    gb_key(b, "k.ey", type);
}

static void start_array(gguf_builder *b, uint32_t element) {
    start_value(b, LS_GGUF_ARRAY);
    gb_u32(b, element);
}

/* ---- what is no GGUF ---- */

static void empty(gguf_builder *b) { gb_mark(b); }
static void ends_in_magic(gguf_builder *b) { text_file(b, "GGU"); }
static void text(gguf_builder *b) { text_file(b, "These are the notes of a meeting, not a model.\n"); }
static void short_text(gguf_builder *b) { text_file(b, "Hi"); }
static void html(gguf_builder *b) {
    text_file(b, "<!DOCTYPE html>\n<html><body>404 Not Found</body></html>\n");
}
static void html_after_space(gguf_builder *b) {
    text_file(b, "\xef\xbb\xbf\r\n  <HTML lang=en><title>Sign in</title>");
}
static void lfs_pointer(gguf_builder *b) {
    text_file(b, "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935\nsize 140000000\n");
}
static void safetensors(gguf_builder *b) {
    b->mark = 0;
    gb_str(b, STR("{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}"));
    gb_u32(b, 0);
}
static void pytorch_zip(gguf_builder *b) {
    b->mark = 0;
    gb_bytes(b, "PK\x03\x04\0\0\x08\x08\0\0archive/data.pkl", 26);
}
static void pickle(gguf_builder *b) {
    b->mark = 0;
    gb_bytes(b, "\x80\x02\x8a\x0al\xfc\x9c\x46\xf9 j\xa8P\x19.", 16);
}
static void ggml_of_old(gguf_builder *b) {
    b->mark = 0;
    gb_bytes(b, "lmgg\0\xc4\0\0", 8);
}
static void random_bytes(gguf_builder *b) {
    b->mark = 0;
    gb_bytes(b, "\x8f\x01\xff\x00\x13\x37\xfe\xed", 8);
}
static void big_endian_magic(gguf_builder *b) { text_file(b, "FUGG"); }
static void big_endian(gguf_builder *b) {
    gb_bytes(b, "GGUF", 4);
    gb_mark(b);
    gb_bytes(b, "\0\0\0\x03\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01", 20);
}

/* ---- the start ---- */

static void version(gguf_builder *b, uint32_t number) {
    gb_start(b, number, 0, 0);
    b->mark = 4;
}
static void version_0(gguf_builder *b) { version(b, 0); }
static void version_1(gguf_builder *b) { version(b, 1); }
static void version_4(gguf_builder *b) { version(b, 4); }
static void version_max(gguf_builder *b) { version(b, UINT32_MAX); }
static void ends_after_magic(gguf_builder *b) {
    gb_bytes(b, "GGUF", 4);
    gb_mark(b);
}
static void ends_in_counts(gguf_builder *b) {
    gb_bytes(b, "GGUF\x03\0\0\0\0\0\0\0\0\0\0\0", 16);
    gb_mark(b);
    gb_u32(b, 0);
}

/* Counts that the 64 bytes after them cannot hold. */
static void counts(gguf_builder *b, uint64_t tensors, uint64_t kvs) {
    gb_start(b, 3, tensors, kvs);
    gb_zeros(b, 64);
    b->mark = tensors > 0 ? 8 : 16;
}
static void tensors_max(gguf_builder *b) { counts(b, UINT64_MAX, 0); }
static void tensors_2_60(gguf_builder *b) { counts(b, UINT64_C(1) << 60, 0); }
static void tensors_2_32(gguf_builder *b) { counts(b, TWO_32, 0); }
static void kvs_max(gguf_builder *b) { counts(b, 0, UINT64_MAX); }
static void kvs_2_60(gguf_builder *b) { counts(b, 0, UINT64_C(1) << 60); }
static void kvs_2_32(gguf_builder *b) { counts(b, 0, TWO_32); }
static void kvs_one_too_many(gguf_builder *b) { counts(b, 0, 64 / 14 + 1); }

/* ---- keys ---- */

static void key_length(gguf_builder *b, uint64_t length) {
    gb_start(b, 3, 0, 1);
    gb_mark(b);
    gb_u64(b, length);
    gb_zeros(b, 64);
}
static void key_length_max(gguf_builder *b) { key_length(b, UINT64_MAX); }
static void key_length_2_32(gguf_builder *b) { key_length(b, TWO_32 + 4); }
static void key_empty(gguf_builder *b) { key_length(b, 0); }
static void key_beyond_file(gguf_builder *b) {
    key_length(b, 60000);
    b->mark += 8;
}

static void key_of_a(gguf_builder *b, size_t length) {
    gb_start(b, 3, 0, 1);
    gb_mark(b);
    gb_u64(b, length);
    for (size_t i = 0; i < length; i++) gb_u8(b, 'a');
    gb_u32(b, LS_GGUF_U8);
    gb_u8(b, 7);
}
static void key_65536(gguf_builder *b) { key_of_a(b, 65536); }
static void key_65535(gguf_builder *b) { key_of_a(b, 65535); }

static void key_bytes(gguf_builder *b, ls_str key, uint64_t bad) {
    gb_start(b, 3, 0, 1);
    b->mark = b->file.length + 8 + bad;
    gb_str(b, key);
    gb_u32(b, LS_GGUF_U8);
    gb_u8(b, 7);
}
static void key_invalid_utf8(gguf_builder *b) {
    key_bytes(b,
              STR("ab\xff"
                  "cd"),
              2);
}
static void key_overlong_utf8(gguf_builder *b) {
    key_bytes(b,
              STR("\xc0\xaf"
                  "cd"),
              0);
}
static void key_cut_utf8(gguf_builder *b) { key_bytes(b, STR("abc\xe2\x82"), 3); }
static void key_nul(gguf_builder *b) { key_bytes(b, STR("a\0b"), 1); }

static void key_twice(gguf_builder *b) {
    gb_begin(b);
    gb_kv_u32(b, "one", 1);
    gb_kv_u32(b, "two", 2);
    gb_mark(b);
    gb_kv_string(b, "one", "again");
    gb_finish(b);
}
static void alignment_twice(gguf_builder *b) {
    gb_begin(b);
    gb_kv_alignment(b, 64);
    gb_mark(b);
    gb_kv_alignment(b, 32);
    gb_finish(b);
}

/* ---- values ---- */

static void value_type(gguf_builder *b, uint32_t type) {
    start_value(b, type);
    b->mark = b->file.length - 4;
    gb_zeros(b, 16);
}
static void value_type_13(gguf_builder *b) { value_type(b, 13); }
static void value_type_minus_1(gguf_builder *b) { value_type(b, UINT32_MAX); }

static void string_length(gguf_builder *b, uint64_t length) {
    start_value(b, LS_GGUF_STRING);
    gb_mark(b);
    gb_u64(b, length);
    gb_zeros(b, 64);
}
static void string_length_max(gguf_builder *b) { string_length(b, UINT64_MAX); }
static void string_length_2_32(gguf_builder *b) { string_length(b, TWO_32 + 3); }
static void string_over_64_mib(gguf_builder *b) { string_length(b, LS_GGUF_STRING_MAX + 1); }
static void string_beyond_file(gguf_builder *b) {
    string_length(b, 65);
    b->mark += 8;
}
static void value_cut(gguf_builder *b) {
    start_value(b, LS_GGUF_F64);
    gb_mark(b);
    gb_u32(b, 0);
}

static void array_count(gguf_builder *b, uint32_t element, uint64_t count) {
    start_array(b, element);
    gb_mark(b);
    gb_u64(b, count);
    gb_zeros(b, 64);
}
static void array_wraps(gguf_builder *b) { array_count(b, LS_GGUF_F64, UINT64_C(1) << 61); }
static void array_strings_wrap(gguf_builder *b) { array_count(b, LS_GGUF_STRING, (UINT64_C(1) << 61) + 1); }
static void array_count_max(gguf_builder *b) { array_count(b, LS_GGUF_U8, UINT64_MAX); }
static void array_2_32(gguf_builder *b) { array_count(b, LS_GGUF_U8, TWO_32 + 2); }
static void array_2_32_of_u32(gguf_builder *b) { array_count(b, LS_GGUF_U32, (UINT64_C(1) << 30) + 1); }
static void array_beyond_file(gguf_builder *b) { array_count(b, LS_GGUF_U32, 17); }
static void array_strings_beyond_file(gguf_builder *b) { array_count(b, LS_GGUF_STRING, 9); }

static void array_element(gguf_builder *b, uint32_t element) {
    start_array(b, element);
    b->mark = b->file.length - 4;
    gb_u64(b, 0);
    gb_zeros(b, 64);
}
static void array_element_13(gguf_builder *b) { array_element(b, 13); }
static void array_element_max(gguf_builder *b) { array_element(b, UINT32_MAX); }
static void array_nested(gguf_builder *b) { array_element(b, LS_GGUF_ARRAY); }

static void array_item(gguf_builder *b, uint64_t length) {
    start_array(b, LS_GGUF_STRING);
    gb_u64(b, 3);
    gb_str(b, STR("one"));
    gb_mark(b);
    gb_u64(b, length);
    gb_zeros(b, 16);
}
static void array_item_too_long(gguf_builder *b) { array_item(b, TWO_32 + 1); }
static void array_item_beyond_file(gguf_builder *b) {
    array_item(b, 100);
    b->mark += 8;
}

static void bool_2(gguf_builder *b) {
    start_value(b, LS_GGUF_BOOL);
    gb_mark(b);
    gb_u8(b, 2);
}
static void bool_in_array(gguf_builder *b) {
    start_array(b, LS_GGUF_BOOL);
    gb_u64(b, 5000);
    for (int i = 0; i < 5000; i++) {
        if (i == 4999) gb_mark(b);
        gb_u8(b, i == 4999 ? 255 : (unsigned)i % 2);
    }
}

/* ---- alignment ---- */

static void alignment(gguf_builder *b, uint32_t value) {
    gb_start(b, 3, 0, 1);
    gb_key(b, "general.alignment", LS_GGUF_U32);
    gb_mark(b);
    gb_u32(b, value);
}
static void alignment_0(gguf_builder *b) { alignment(b, 0); }
static void alignment_4(gguf_builder *b) { alignment(b, 4); }
static void alignment_13(gguf_builder *b) { alignment(b, 13); }
static void alignment_2_30(gguf_builder *b) { alignment(b, UINT32_C(1) << 30); }
static void alignment_of_type(gguf_builder *b, uint32_t type) {
    gb_start(b, 3, 0, 1);
    gb_key(b, "general.alignment", type);
    b->mark = b->file.length - 4;
    gb_u64(b, 32);
}
static void alignment_u64(gguf_builder *b) { alignment_of_type(b, LS_GGUF_U64); }
static void alignment_string(gguf_builder *b) { alignment_of_type(b, LS_GGUF_STRING); }
static void alignment_array(gguf_builder *b) { alignment_of_type(b, LS_GGUF_ARRAY); }

/* ---- odd but right ---- */

static void ok_nothing(gguf_builder *b) { gb_start(b, 3, 0, 0); }
static void ok_version_2(gguf_builder *b) {
    gb_start(b, 2, 0, 1);
    gb_kv_string(b, "general.architecture", "gpt2");
}
static void ok_vocabulary(gguf_builder *b) {
    static const char *const tokens[] = {"a", "", "\xff\xfe", "b"};
    static const int32_t types[] = {1, 3, 6, 1};
    gb_begin(b);
    gb_kv_strings(b, "tokenizer.ggml.tokens", tokens, 4);
    gb_kv_i32s(b, "tokenizer.ggml.token_type", types, 4);
    gb_kv_strings(b, "tokenizer.ggml.merges", NULL, 0);
    gb_finish(b);
}
static void ok_utf8_key(gguf_builder *b) {
    gb_begin(b);
    gb_kv_bool(b, "cl\xc3\xa9.\xe9\x8d\xb5", 1);
    gb_finish(b);
}
static void ok_alignment_1_mib(gguf_builder *b) {
    gb_begin(b);
    gb_kv_alignment(b, LS_GGUF_ALIGNMENT_MAX);
    gb_finish(b);
}
static void ok_key_65535(gguf_builder *b) {
    key_65535(b);
    b->mark = LS_NO_OFFSET;
}

static const gguf_case cases[] = {
    {"empty", empty, LS_ERR_EMPTY, "is empty"},
    {"ends-in-magic", ends_in_magic, LS_ERR_TRUNCATED, "after 3 bytes"},
    {"text", text, LS_ERR_MAGIC, "a text file"},
    {"short-text", short_text, LS_ERR_MAGIC, "a text file"},
    {"html", html, LS_ERR_MAGIC, "a web page (HTML)"},
    {"html-after-space", html_after_space, LS_ERR_MAGIC, "a web page (HTML)"},
    {"git-lfs-pointer", lfs_pointer, LS_ERR_MAGIC, "git lfs pull"},
    {"safetensors", safetensors, LS_ERR_MAGIC, "a safetensors file"},
    {"pytorch-zip", pytorch_zip, LS_ERR_MAGIC, "PyTorch"},
    {"pickle", pickle, LS_ERR_MAGIC, "pickle"},
    {"ggml-of-old", ggml_of_old, LS_ERR_MAGIC, "GGML file"},
    {"random-bytes", random_bytes, LS_ERR_MAGIC, "begins with \"\\x8f\\x01\\xff\\x00\""},
    {"big-endian-magic", big_endian_magic, LS_ERR_MAGIC, "big-endian"},
    {"big-endian", big_endian, LS_ERR_UNSUPPORTED, "big-endian GGUF file (version 3)"},
    {"version-0", version_0, LS_ERR_VERSION, "version 0"},
    {"version-1", version_1, LS_ERR_VERSION, "version 1 is not read"},
    {"version-4", version_4, LS_ERR_VERSION, "version 4"},
    {"version-max", version_max, LS_ERR_VERSION, "version 4294967295"},
    {"ends-after-magic", ends_after_magic, LS_ERR_TRUNCATED, "the version needs 4 bytes"},
    {"ends-in-counts", ends_in_counts, LS_ERR_TRUNCATED, "after 4 more"},
    {"tensor-count-max", tensors_max, LS_ERR_COUNT, "18446744073709551615 tensors"},
    {"tensor-count-2p60", tensors_2_60, LS_ERR_COUNT, "1152921504606846976 tensors"},
    {"tensor-count-2p32", tensors_2_32, LS_ERR_COUNT, "4294967296 tensors"},
    {"kv-count-max", kvs_max, LS_ERR_COUNT, "18446744073709551615 metadata entries"},
    {"kv-count-2p60", kvs_2_60, LS_ERR_COUNT, "1152921504606846976 metadata entries"},
    {"kv-count-2p32", kvs_2_32, LS_ERR_COUNT, "4294967296 metadata entries"},
    {"kv-count-one-too-many", kvs_one_too_many, LS_ERR_COUNT, "room for 4 at most"},
    {"key-length-max", key_length_max, LS_ERR_LENGTH, "metadata key 1: its name is 18446744073709551615"},
    {"key-length-2p32", key_length_2_32, LS_ERR_LENGTH, "limit is 65535"},
    {"key-beyond-file", key_beyond_file, LS_ERR_TRUNCATED, "its name needs 60000 bytes"},
    {"key-empty", key_empty, LS_ERR_LENGTH, "its name is empty"},
    {"key-65536", key_65536, LS_ERR_LENGTH, "65536 bytes long, the limit is 65535"},
    {"key-invalid-utf8", key_invalid_utf8, LS_ERR_ENCODING, "metadata key \"ab\\xffcd\""},
    {"key-overlong-utf8", key_overlong_utf8, LS_ERR_ENCODING, "not valid UTF-8"},
    {"key-cut-utf8", key_cut_utf8, LS_ERR_ENCODING, "not valid UTF-8"},
    {"key-nul", key_nul, LS_ERR_ENCODING, "metadata key \"a\\x00b\": the name holds a NUL"},
    {"key-twice", key_twice, LS_ERR_DUPLICATE,
     "metadata key \"one\": it appears a second time; the first is at byte 24"},
    {"alignment-twice", alignment_twice, LS_ERR_DUPLICATE, "general.alignment"},
    {"value-type-13", value_type_13, LS_ERR_TYPE, "is 13, the known types are 0 to 12"},
    {"value-type-minus-1", value_type_minus_1, LS_ERR_TYPE, "is 4294967295"},
    {"value-cut", value_cut, LS_ERR_TRUNCATED, "its value needs 8 bytes"},
    {"string-length-max", string_length_max, LS_ERR_LENGTH, "18446744073709551615 bytes long"},
    {"string-length-2p32", string_length_2_32, LS_ERR_LENGTH, "4294967299 bytes long"},
    {"string-over-64-MiB", string_over_64_mib, LS_ERR_LENGTH, "67108865 bytes long, the limit is 67108864"},
    {"string-beyond-file", string_beyond_file, LS_ERR_TRUNCATED, "needs 65 bytes, but the file ends after 64"},
    {"array-wraps", array_wraps, LS_ERR_OVERFLOW, "2305843009213693952 elements of 8 bytes"},
    {"array-of-strings-wraps", array_strings_wrap, LS_ERR_OVERFLOW, "more than 64 bits"},
    {"array-count-max", array_count_max, LS_ERR_LENGTH, "18446744073709551615 elements"},
    {"array-count-2p32", array_2_32, LS_ERR_LENGTH, "takes 4294967298 bytes"},
    {"array-bytes-2p32", array_2_32_of_u32, LS_ERR_LENGTH, "takes 4294967300 bytes"},
    {"array-beyond-file", array_beyond_file, LS_ERR_TRUNCATED, "needs 68 bytes"},
    {"array-of-strings-beyond-file", array_strings_beyond_file, LS_ERR_TRUNCATED, "needs 72 bytes"},
    {"array-element-13", array_element_13, LS_ERR_TYPE, "the type of its elements is 13"},
    {"array-element-max", array_element_max, LS_ERR_TYPE, "is 4294967295"},
    {"array-nested", array_nested, LS_ERR_UNSUPPORTED, "arrays of arrays"},
    {"array-item-too-long", array_item_too_long, LS_ERR_LENGTH, "\"k.ey\", item 2: a string is 4294967297"},
    {"array-item-beyond-file", array_item_beyond_file, LS_ERR_TRUNCATED, "item 2: a string needs 100 bytes"},
    {"bool-2", bool_2, LS_ERR_VALUE, "a bool is 2, only 0 and 1"},
    {"bool-in-array-255", bool_in_array, LS_ERR_VALUE, "a bool is 255"},
    {"alignment-0", alignment_0, LS_ERR_ALIGNMENT, "is 0, but must be a multiple of 8"},
    {"alignment-4", alignment_4, LS_ERR_ALIGNMENT, "is 4,"},
    {"alignment-13", alignment_13, LS_ERR_ALIGNMENT, "\"general.alignment\": it is 13,"},
    {"alignment-2p30", alignment_2_30, LS_ERR_ALIGNMENT, "from 8 to 1048576"},
    {"alignment-u64", alignment_u64, LS_ERR_TYPE, "is of type u64, not u32"},
    {"alignment-string", alignment_string, LS_ERR_TYPE, "is of type string"},
    {"alignment-array", alignment_array, LS_ERR_TYPE, "is of type array"},
    {"ok-sample", gguf_sample, LS_OK, NULL},
    {"ok-nothing", ok_nothing, LS_OK, NULL},
    {"ok-version-2", ok_version_2, LS_OK, NULL},
    {"ok-vocabulary-alone", ok_vocabulary, LS_OK, NULL},
    {"ok-utf8-key", ok_utf8_key, LS_OK, NULL},
    {"ok-key-65535", ok_key_65535, LS_OK, NULL},
    {"ok-alignment-1-MiB", ok_alignment_1_mib, LS_OK, NULL},
};

const gguf_case *gguf_metadata_case(size_t index) {
    return index < sizeof cases / sizeof *cases ? &cases[index] : NULL;
}
