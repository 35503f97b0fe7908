/* Any bytes through the GGUF reader: open with a tiny window and with the usual one, which must agree; look up
 * and read every entry with every typed access. Built with libFuzzer, or with replay.c to run files again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "gguf/index.h"
#include "gguf/parse.h"
#include "support/memory_source.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void require(int condition) {
    if (!condition) abort();
}

/* Reads what an entry spans, so that a wrong length or pointer is seen. */
static void touch(const void *bytes, size_t n) {
    const volatile unsigned char *read = bytes;
    for (size_t i = 0; i < n; i++) (void)read[i];
}

static void read_entry(const ls_gguf *gguf, const ls_gguf_kv *kv, ls_arena *arena) {
    char key[256];
    uint32_t u32 = 0;
    float f32 = 0;
    int flag = 0;
    uint64_t count = 0;
    ls_str text = {NULL, 0};
    const ls_str *strings = NULL;
    const int32_t *numbers = NULL;
    ls_error err;
    require(ls_gguf_index_find(gguf->key_index, kv->key) == (uint32_t)(kv - gguf->kvs));
    if (kv->key.length >= sizeof key) return;
    memcpy(key, kv->key.bytes, kv->key.length);
    key[kv->key.length] = '\0';
    require(ls_gguf_find(gguf, key) == kv);
    (void)ls_gguf_u32(gguf, key, &u32, &err);
    (void)ls_gguf_f32(gguf, key, &f32, &err);
    if (ls_gguf_bool(gguf, key, &flag, &err) == LS_OK) require(flag == 0 || flag == 1);
    if (ls_gguf_str(gguf, key, &text, &err) == LS_OK) touch(text.bytes, text.length);
    if (ls_gguf_strings(gguf, key, &strings, &count, &err) == LS_OK)
        for (uint64_t i = 0; i < count; i++) touch(strings[i].bytes, strings[i].length);
    if (ls_gguf_i32s(gguf, key, arena, &numbers, &count, &err) == LS_OK)
        touch(numbers, (size_t)count * sizeof *numbers);
}

static void read_tensors(const ls_gguf *gguf) {
    uint64_t end = gguf->data;
    for (uint64_t i = 0; i < gguf->tensor_count; i++) {
        char name[LS_GGUF_NAME_MAX + 1] = "";
        const ls_gguf_tensor *tensor = gguf->by_offset[i];
        memcpy(name, tensor->name.bytes, tensor->name.length);
        require(ls_gguf_find_tensor(gguf, name) == tensor);
        require(tensor->offset >= end && tensor->bytes > 0 && tensor->bytes <= gguf->size - tensor->offset);
        end = tensor->offset + tensor->bytes;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    memory_source memory;
    ls_allocator allocator = ls_allocator_default();
    ls_arena arena;
    const ls_gguf *gguf = NULL;
    ls_error err = {LS_OK, 0, ""}, again = {LS_OK, 0, ""};
    ls_source source = memory_source_open(&memory, bytes, n, "fuzz.gguf");
    ls_arena_init(&arena, &allocator);
    ls_status status = ls_gguf_open_windowed(&source, &arena, 3, &gguf, &err);
    ls_arena_clear(&arena);
    require(ls_gguf_open(&source, &arena, &gguf, &again) == status);
    require(err.offset == again.offset && strcmp(err.message, again.message) == 0);
    if (status == LS_OK) {
        for (uint64_t i = 0; i < gguf->kv_count; i++) read_entry(gguf, &gguf->kvs[i], &arena);
        read_tensors(gguf);
    } else {
        require(err.status == status && err.message[0] != '\0');
    }
    ls_arena_clear(&arena);
    return 0;
}
