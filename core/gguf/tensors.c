#include <string.h>

#include "base/sizes.h"
#include "gguf/parse.h"
#include "quant/types.h"

static ls_status parse_dims(ls_gguf_parser *parser, ls_gguf_tensor *tensor, uint64_t *weights) {
    uint64_t offset = parser->cursor.at;
    ls_status status = ls_gguf_take_u32(&parser->cursor, "the number of dimensions", &tensor->n_dims);
    if (status != LS_OK) return status;
    if (tensor->n_dims == 0 || tensor->n_dims > LS_GGUF_DIMS_MAX)
        return ls_gguf_refuse(&parser->report, LS_ERR_SHAPE, offset,
                              "it has %u dimensions, 1 to %u are allowed", tensor->n_dims, LS_GGUF_DIMS_MAX);
    *weights = 1;
    for (uint32_t i = 0; i < LS_GGUF_DIMS_MAX; i++) tensor->dims[i] = 1;
    for (uint32_t i = 0; i < tensor->n_dims; i++) {
        offset = parser->cursor.at;
        status = ls_gguf_take_u64(&parser->cursor, "a dimension", &tensor->dims[i]);
        if (status != LS_OK) return status;
        if (tensor->dims[i] == 0)
            return ls_gguf_refuse(&parser->report, LS_ERR_SHAPE, offset, "dimension %u of %u is 0", i + 1,
                                  tensor->n_dims);
        if (!ls_mul_u64(*weights, tensor->dims[i], weights))
            return ls_gguf_refuse(&parser->report, LS_ERR_OVERFLOW, offset,
                                  "dimension %u of %u is %llu: that makes more weights than 64 bits can count",
                                  i + 1, tensor->n_dims, (unsigned long long)tensor->dims[i]);
    }
    return LS_OK;
}

/* The type, and with it the size in bytes. `dims` is the offset of the first dimension. */
static ls_status parse_type(ls_gguf_parser *parser, ls_gguf_tensor *tensor, uint64_t dims, uint64_t weights) {
    uint64_t offset = parser->cursor.at;
    ls_status status = ls_gguf_take_u32(&parser->cursor, "the type of its weights", &tensor->type);
    if (status != LS_OK) return status;
    const ls_weight_type *type = ls_weight_type_find(tensor->type);
    if (type == NULL)
        return ls_gguf_refuse(&parser->report, LS_ERR_TYPE, offset, "it has weights of the unknown type %u",
                              tensor->type);
    if (type->block_bytes == 0)
        return ls_gguf_refuse(
            &parser->report, LS_ERR_TYPE, offset,
            "it has weights of type %u (%s), which was removed from the format: convert it again", tensor->type,
            type->name);
    if (tensor->dims[0] % type->block != 0)
        return ls_gguf_refuse(&parser->report, LS_ERR_SHAPE, dims,
                              "it has rows of %llu weights, but %s comes in blocks of %u",
                              (unsigned long long)tensor->dims[0], type->name, type->block);
    if (!ls_mul_u64(weights / type->block, type->block_bytes, &tensor->bytes))
        return ls_gguf_refuse(&parser->report, LS_ERR_OVERFLOW, dims,
                              "it has %llu weights of type %s: more bytes than 64 bits can count",
                              (unsigned long long)weights, type->name);
    return LS_OK;
}

static ls_status parse_offset(ls_gguf_parser *parser, ls_gguf_tensor *tensor) {
    uint64_t offset = parser->cursor.at;
    ls_status status = ls_gguf_take_u64(&parser->cursor, "the offset of its data", &tensor->offset);
    if (status != LS_OK) return status;
    if (tensor->offset % parser->gguf->alignment != 0)
        return ls_gguf_refuse(&parser->report, LS_ERR_ALIGNMENT, offset,
                              "its data is at offset %llu, not a multiple of the alignment, %u",
                              (unsigned long long)tensor->offset, parser->gguf->alignment);
    return LS_OK;
}

ls_status ls_gguf_parse_tensor(ls_gguf_parser *parser, uint64_t number) {
    ls_gguf_tensor tensor = {.entry = parser->cursor.at};
    uint64_t weights = 0;
    ls_gguf_report_entry(&parser->report, "tensor", number + 1);
    ls_status status = ls_gguf_parse_name(parser, LS_GGUF_NAME_MAX, &tensor.name);
    if (status != LS_OK) return status;
    uint64_t dims = parser->cursor.at + 4;
    status = parse_dims(parser, &tensor, &weights);
    if (status == LS_OK) status = parse_type(parser, &tensor, dims, weights);
    if (status == LS_OK) status = parse_offset(parser, &tensor);
    if (status != LS_OK || parser->tensors == NULL) return status;
    if (number >= parser->tensor_room) return ls_gguf_refuse_changed(parser);
    parser->tensors[number] = tensor;
    return LS_OK;
}
