/* Where the tensors lie in the file. */
#include "base/sizes.h"
#include "base/status.h"
#include "gguf/parse.h"

/* Offset in the header of a tensor's offset field: after the name, the number of dimensions, those, and the
 * type. */
static uint64_t offset_field(const ls_gguf_tensor *tensor) {
    return tensor->entry + 8 + tensor->name.length + 4 + 8 * (uint64_t)tensor->n_dims + 4;
}

static void report_tensor(ls_gguf_report *report, const ls_gguf_tensor *tensor) {
    ls_gguf_report_entry(report, "tensor", 0);
    ls_gguf_report_name(report, tensor->name.bytes, tensor->name.length);
}

/* Makes a tensor's offset absolute. */
static ls_status place(const ls_gguf *gguf, ls_gguf_tensor *tensor, ls_gguf_report *report) {
    uint64_t begin = 0, end = 0;
    if (!ls_add_u64(gguf->data, tensor->offset, &begin) || !ls_add_u64(begin, tensor->bytes, &end)) {
        report_tensor(report, tensor);
        return ls_gguf_refuse(report, LS_ERR_OVERFLOW, offset_field(tensor),
                              "its %llu bytes at offset %llu end beyond what 64 bits can count",
                              (unsigned long long)tensor->bytes, (unsigned long long)tensor->offset);
    }
    if (end > gguf->size) {
        report_tensor(report, tensor);
        return ls_gguf_refuse(
            report, LS_ERR_TRUNCATED, offset_field(tensor),
            "its data ends at byte %llu, but the file has %llu bytes: it is cut short or damaged",
            (unsigned long long)end, (unsigned long long)gguf->size);
    }
    tensor->offset = begin;
    return LS_OK;
}

/* Ties go by the order in the header, so that every build names the same tensor. */
static int lies_before(const ls_gguf_tensor *a, const ls_gguf_tensor *b) {
    return a->offset != b->offset ? a->offset < b->offset : a->entry < b->entry;
}

static void sift_down(const ls_gguf_tensor **heap, size_t root, size_t n) {
    for (size_t child; (child = 2 * root + 1) < n; root = child) {
        if (child + 1 < n && lies_before(heap[child], heap[child + 1])) child++;
        if (!lies_before(heap[root], heap[child])) return;
        const ls_gguf_tensor *swap = heap[root];
        heap[root] = heap[child];
        heap[child] = swap;
    }
}

/* Heapsort: in place, and n log n whatever the file holds; qsort() promises neither. */
static void sort_by_offset(const ls_gguf_tensor **tensors, size_t n) {
    size_t sorted = 1;
    while (sorted < n && lies_before(tensors[sorted - 1], tensors[sorted])) sorted++;
    if (sorted >= n) return; /* as writers leave them */
    for (size_t root = n / 2; root > 0; root--) sift_down(tensors, root - 1, n);
    for (size_t end = n - 1; end > 0; end--) {
        const ls_gguf_tensor *swap = tensors[0];
        tensors[0] = tensors[end];
        tensors[end] = swap;
        sift_down(tensors, 0, end);
    }
}

static ls_status refuse_overlap(ls_gguf_report *report, const ls_gguf_tensor *before,
                                const ls_gguf_tensor *after) {
    char name[LS_QUOTE_MAX];
    report_tensor(report, after);
    return ls_gguf_refuse(report, LS_ERR_OVERLAP, offset_field(after),
                          "its data begins at byte %llu, inside that of tensor %s, which ends at byte %llu",
                          (unsigned long long)after->offset,
                          ls_quote(name, before->name.bytes, before->name.length),
                          (unsigned long long)(before->offset + before->bytes));
}

ls_status ls_gguf_place_tensors(ls_gguf *gguf, ls_gguf_tensor *tensors, ls_arena *arena,
                                ls_gguf_report *report) {
    const ls_gguf_tensor **by_offset = NULL;
    size_t n = (size_t)gguf->tensor_count;
    gguf->data = (gguf->header_bytes + gguf->alignment - 1) / gguf->alignment * gguf->alignment;
    for (size_t i = 0; i < n; i++) {
        ls_status status = place(gguf, &tensors[i], report);
        if (status != LS_OK) return status;
    }
    ls_status status =
        ls_arena_alloc(arena, n, sizeof *by_offset, "the order of the tensors", &by_offset, report->err);
    if (status != LS_OK) return status;
    for (size_t i = 0; i < n; i++) by_offset[i] = &tensors[i];
    sort_by_offset(by_offset, n);
    gguf->by_offset = by_offset;
    for (size_t i = 1; i < n; i++)
        if (by_offset[i]->offset - by_offset[i - 1]->offset < by_offset[i - 1]->bytes)
            return refuse_overlap(report, by_offset[i - 1], by_offset[i]);
    return LS_OK;
}
