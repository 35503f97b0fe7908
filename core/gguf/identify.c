#include <string.h>

#include "base/utf8.h"
#include "gguf/cursor.h"
#include "gguf/parse.h"

#define HEADER_OF_SAFETENSORS_MAX (100u * 1000u * 1000u)

/* Files that begin with fixed bytes. */
static const struct {
    const char *bytes;
    size_t length;
    const char *meaning;
} signatures[] = {
    {"version https://git-lfs", 23,
     "this is a Git LFS pointer, a note that stands for the model; fetch the model itself with `git lfs pull`"},
    {"PK\x03\x04", 4, "this is a zip archive, such as a PyTorch checkpoint; convert it to GGUF first"},
    {"\x80\x02", 2, "this is a Python pickle, such as an old PyTorch checkpoint; convert it to GGUF first"},
    {"FUGG", 4, "this is a big-endian GGUF file; only little-endian ones are read"},
    {"lmgg", 4, "this is a GGML file, from before GGUF; convert it to GGUF first"},
    {"fmgg", 4, "this is a GGMF file, from before GGUF; convert it to GGUF first"},
    {"tjgg", 4, "this is a GGJT file, from before GGUF; convert it to GGUF first"},
    {"\x1f\x8b", 2, "this is a gzip archive; unpack it first"},
};

static char lower(unsigned char byte) { return (char)(byte >= 'A' && byte <= 'Z' ? byte + ('a' - 'A') : byte); }

/* Whether the text begins with `word` (lower case), white space and case aside. */
static int begins_with_word(const unsigned char *bytes, size_t n, const char *word) {
    size_t at = 0;
    if (n >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) at = 3;
    while (at < n && (bytes[at] == ' ' || (bytes[at] >= '\t' && bytes[at] <= '\r'))) at++;
    for (; *word != '\0'; word++, at++)
        if (at >= n || lower(bytes[at]) != *word) return 0;
    return 1;
}

static int is_safetensors(const unsigned char *bytes, size_t n, uint64_t size) {
    if (n < 9 || bytes[8] != '{') return 0;
    uint64_t header = ls_gguf_load_u64(bytes);
    return header >= 2 && header <= HEADER_OF_SAFETENSORS_MAX && header <= size - 8;
}

/* UTF-8 without control characters; a sequence cut by the end of the sample does not count against it. */
static int is_text(const unsigned char *bytes, size_t n) {
    size_t valid = ls_utf8_valid_prefix((const char *)bytes, n);
    for (size_t i = 0; i < valid; i++)
        if (bytes[i] < ' ' && (bytes[i] < '\t' || bytes[i] > '\r')) return 0;
    return valid + 4 > n;
}

const char *ls_gguf_identify(const unsigned char *bytes, size_t n, uint64_t size) {
    for (size_t i = 0; i < sizeof signatures / sizeof *signatures; i++)
        if (n >= signatures[i].length && memcmp(bytes, signatures[i].bytes, signatures[i].length) == 0)
            return signatures[i].meaning;
    if (is_safetensors(bytes, n, size)) return "this is a safetensors file; convert it to GGUF first";
    if (begins_with_word(bytes, n, "<!doctype html") || begins_with_word(bytes, n, "<html"))
        return "this is a web page (HTML), perhaps an error page saved in place of the model; download it "
               "again";
    if (begins_with_word(bytes, n, "<?xml")) return "this is an XML document, not a model";
    if (is_text(bytes, n)) return "this is a text file, not a model";
    return "choose a file whose name ends in .gguf";
}
