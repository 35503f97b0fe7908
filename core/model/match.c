/* Which tensor of a file goes where: judged by the header, before any weight is read. */
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "model/slots.h"

static ls_status check_type(const ls_gguf *gguf, const ls_slot *slot, ls_error *err) {
    const ls_gguf_tensor *tensor = slot->tensor;
    const ls_weight_type *type = ls_weight_type_find(tensor->type);
    int fits = type != NULL && type->readable && (slot->matrix != NULL || type->block == 1);
    if (fits) return LS_OK;
    return ls_fail(err, LS_ERR_UNSUPPORTED, tensor->entry,
                   "%s: the tensor %s is stored as %s; %s are read here", gguf->file, slot->name,
                   type != NULL ? type->name : "an unknown type",
                   slot->matrix != NULL ? "F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K and Q6_K"
                                        : "F32, F16 and BF16");
}

static ls_status check_shape(const ls_gguf *gguf, const ls_slot *slot, ls_error *err) {
    const uint64_t *dims = slot->tensor->dims;
    if (dims[0] == slot->inputs && dims[1] == slot->outputs && dims[2] == 1 && dims[3] == 1) return LS_OK;
    return ls_fail(
        err, LS_ERR_SHAPE, slot->tensor->entry,
        "%s: the tensor %s has shape %llu x %llu x %llu x %llu; the model's settings need %llu x %llu",
        gguf->file, slot->name, (unsigned long long)dims[0], (unsigned long long)dims[1],
        (unsigned long long)dims[2], (unsigned long long)dims[3], (unsigned long long)slot->inputs,
        (unsigned long long)slot->outputs);
}

static ls_status refuse_missing(const ls_gguf *gguf, const ls_slots *slots, size_t missing, ls_error *err) {
    char list[360] = "";
    size_t used = 0, named = 0;
    for (size_t i = 0; i < slots->count && used + LS_GGUF_NAME_MAX + 3 < sizeof list; i++) {
        if (slots->items[i].tensor != NULL || slots->items[i].optional) continue;
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", named++ > 0 ? ", " : "",
                                 slots->items[i].name);
    }
    return ls_fail(err, LS_ERR_MISSING, LS_NO_OFFSET, "%s: %llu tensors are missing: %s%s", gguf->file,
                   (unsigned long long)missing, list, named < missing ? ", and more" : "");
}

/* A tensor that no slot asks for could be a part of the model that would go uncomputed. */
static ls_status refuse_foreign(const ls_gguf *gguf, const ls_slots *slots, const char *family, ls_error *err) {
    for (uint64_t i = 0; i < gguf->tensor_count; i++) {
        if (slots->by_tensor[i] != NULL) continue;
        char quoted[LS_QUOTE_MAX];
        const ls_gguf_tensor *tensor = &gguf->tensors[i];
        return ls_fail(err, LS_ERR_UNSUPPORTED, tensor->entry,
                       "%s: the tensor %s is not a part of the %s models known here", gguf->file,
                       ls_quote(quoted, tensor->name.bytes, tensor->name.length), family);
    }
    return LS_OK;
}

static ls_status match(const ls_gguf *gguf, ls_slots *slots, ls_error *err) {
    size_t missing = 0;
    for (size_t i = 0; i < slots->count; i++) {
        ls_slot *slot = &slots->items[i];
        slot->tensor = ls_gguf_find_tensor(gguf, slot->name);
        if (slot->tensor != NULL)
            slots->by_tensor[slot->tensor - gguf->tensors] = slot;
        else
            missing += !slot->optional;
    }
    if (missing > 0) return refuse_missing(gguf, slots, missing, err);
    for (size_t i = 0; i < slots->count; i++) {
        if (slots->items[i].tensor == NULL) continue;
        ls_status status = check_type(gguf, &slots->items[i], err);
        if (status == LS_OK) status = check_shape(gguf, &slots->items[i], err);
        if (status != LS_OK) return status;
    }
    return LS_OK;
}

/* The storage type that holds most weights names the file. */
static void summarise(const ls_gguf *gguf, ls_network *network) {
    uint64_t by_type[LS_WEIGHT_TYPES] = {0}, most = 0;
    for (uint64_t i = 0; i < gguf->tensor_count; i++) {
        const ls_gguf_tensor *t = &gguf->tensors[i];
        uint64_t count = t->dims[0] * t->dims[1] * t->dims[2] * t->dims[3];
        network->parameters += count;
        by_type[t->type] += count;
    }
    for (uint32_t type = 0; type < LS_WEIGHT_TYPES; type++) {
        if (by_type[type] <= most) continue;
        most = by_type[type];
        network->weight_type = ls_weight_type_find(type)->name;
    }
}

static ls_status make_lists(const ls_gguf *gguf, ls_arena *arena, ls_arena *scratch, ls_network *network,
                            ls_slots *slots, ls_error *err) {
    uint32_t layers = network->hyper.layers;
    *slots = (ls_slots){.gguf = gguf, .capacity = (size_t)layers * LS_SLOTS_PER_BLOCK + LS_SLOTS_SHARED};
    ls_status status =
        ls_arena_alloc(arena, layers, sizeof *network->blocks, "the list of blocks", &network->blocks, err);
    if (status == LS_OK)
        status = ls_arena_alloc(scratch, slots->capacity, sizeof *slots->items, "the list of tensors",
                                &slots->items, err);
    if (status == LS_OK)
        status = ls_arena_alloc(scratch, gguf->tensor_count, sizeof *slots->by_tensor, "the list of tensors",
                                &slots->by_tensor, err);
    return status;
}

ls_status ls_slots_match(const ls_gguf *gguf, ls_arena *arena, ls_arena *scratch, ls_network *out,
                         ls_slots *slots, ls_error *err) {
    *out = (ls_network){0};
    ls_status status = ls_arch_find(gguf, &out->arch, err);
    if (status == LS_OK) status = ls_hyper_read(gguf, out->arch, &out->hyper, err);
    if (status == LS_OK) status = make_lists(gguf, arena, scratch, out, slots, err);
    if (status != LS_OK) return status;
    out->arch->announce(out, slots);
    status = match(gguf, slots, err);
    if (status == LS_OK) status = refuse_foreign(gguf, slots, out->arch->name, err);
    if (status != LS_OK) return status;
    out->unembedding =
        ls_gguf_find_tensor(gguf, LS_OUTPUT_TENSOR) != NULL ? &out->output : &out->token_embedding;
    summarise(gguf, out);
    return LS_OK;
}
