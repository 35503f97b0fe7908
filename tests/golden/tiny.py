"""The tiny random models behind the fixtures: one `Architecture` entry each, everything else is shared.

They are random but not dull: norms and biases are drawn too (all ones and zeros would hide a forgotten bias), and the
scales are chosen so that the lens distributions run from nearly flat to nearly certain.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import (
    AutoModelForCausalLM,
    GPT2Config,
    GPTNeoXConfig,
    LlamaConfig,
    MistralConfig,
    OPTConfig,
    PhiConfig,
    PreTrainedConfig,
    PreTrainedModel,
    Qwen2Config,
)

LAYERS, WIDTH, HEADS, KEY_VALUE_HEADS, INNER, CONTEXT, VOCABULARY = 3, 64, 4, 2, 32, 32, 320
WINDOW = 5
END_OF_TEXT, PADDING = "<|endoftext|>", "<|padding|>"

# The same words over and over: enough for a few dozen merges, and the same ones on every machine.
CORPUS = [
    f"{who} {did} {where}, and {what}."
    for who in ("The river", "The wind", "A teacher", "It's late: we")
    for did in ("ran to", "sang to", "didn't see")
    for where in ("the sea", "the hill", "1871")
    for what in ("we sang", "nobody waited", "they're here")
]

# Two spaces in a row: one token of its own for GPT-NeoX, a split one for GPT-2.
TEXT = "The river ran to the sea,  and we sang."

# What a splitter or a merge table gets wrong first. All in Unicode's composed form, so that a normaliser may be absent.
TOKENIZER_CASES = [
    TEXT,
    " ",
    "    four spaces,\n\n two line breaks\tand a tab ",
    "It's they're WE'LL can't I'd I'm",
    "1871 x2y 3.14",
    "na\u00efve caf\u00e9 \u4e16\u754c \U0001f600 \u2028 \u00a0end",
    "<|endoftext|>The river<|endoftext|>",
    "trailing spaces     ",
    "...?!--\u2014",
]


@dataclass(frozen=True)
class Architecture:
    """One fixture. `blocks`, `norm` and `head` are the module paths of the lens; `gguf_names` maps the parts of a
    tensor's name; `input_first` lists the matrices that transformers keeps as [in, out]; `paired_rotary` says that the
    GGUF keeps neighbouring channels of q and k as rotary pairs; `padding_rows` are rows of the position embedding that
    the GGUF leaves out; `halves` draws weights that float16 holds exactly and stores the folder so; `kinds` are the
    weight types to write, and `all_logits` asks for every layer's logits in the float32 reference (they are most of its
    size)."""

    name: str
    gguf_arch: str
    gguf_pre: str
    seed: int
    config: Callable[[], PreTrainedConfig]
    blocks: str
    norm: str
    head: str
    gguf_names: dict[str, str]
    input_first: tuple[str, ...] = ()
    interleaved_qkv: bool = False
    paired_rotary: bool = False
    padding_rows: int = 0
    halves: bool = False
    scales: dict[str, float] = field(default_factory=dict)
    extra_tokens: tuple[str, ...] = ()
    old_style_config: bool = False
    weights_of: str = ""
    kinds: tuple[str, ...] = ("f32", "f16", "q8_0")
    all_logits: bool = True


def gpt2_config() -> GPT2Config:
    return GPT2Config(
        vocab_size=VOCABULARY, n_positions=CONTEXT, n_embd=WIDTH, n_layer=LAYERS, n_head=HEADS, n_inner=INNER,
        activation_function="gelu_new", layer_norm_epsilon=1e-5, tie_word_embeddings=True,
        bos_token_id=0, eos_token_id=0,
    )  # fmt: skip


def neox_config(parallel: bool) -> GPTNeoXConfig:
    return GPTNeoXConfig(
        vocab_size=VOCABULARY, max_position_embeddings=CONTEXT, hidden_size=WIDTH, num_hidden_layers=LAYERS,
        num_attention_heads=HEADS, intermediate_size=INNER, hidden_act="gelu", layer_norm_eps=1e-5,
        rope_parameters={"rope_type": "default", "rope_theta": 10000.0, "partial_rotary_factor": 0.25},
        use_parallel_residual=parallel, tie_word_embeddings=False, bos_token_id=0, eos_token_id=0,
    )  # fmt: skip


def opt_config() -> OPTConfig:
    return OPTConfig(
        vocab_size=VOCABULARY, max_position_embeddings=CONTEXT, hidden_size=WIDTH, num_hidden_layers=LAYERS,
        num_attention_heads=HEADS, ffn_dim=INNER, word_embed_proj_dim=WIDTH, activation_function="relu",
        do_layer_norm_before=True, tie_word_embeddings=True, pad_token_id=1, bos_token_id=0, eos_token_id=0,
    )  # fmt: skip


def llama_settings(rope: dict) -> dict:
    """What LlamaConfig and its relatives share."""
    return dict(
        vocab_size=VOCABULARY, max_position_embeddings=CONTEXT, hidden_size=WIDTH, num_hidden_layers=LAYERS,
        num_attention_heads=HEADS, num_key_value_heads=KEY_VALUE_HEADS, intermediate_size=INNER, hidden_act="silu",
        rms_norm_eps=1e-5, rope_parameters=rope, bos_token_id=0, eos_token_id=0,
    )  # fmt: skip


PLAIN_ROPE = {"rope_type": "default", "rope_theta": 10000.0}
# Short waves stay, long ones are stretched eightfold, and with this training length one lies between.
LLAMA3_ROPE = {
    "rope_type": "llama3", "rope_theta": 20000.0, "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
    "original_max_position_embeddings": 28,
}  # fmt: skip


def phi_config() -> PhiConfig:
    return PhiConfig(
        vocab_size=VOCABULARY, max_position_embeddings=CONTEXT, hidden_size=WIDTH, num_hidden_layers=LAYERS,
        num_attention_heads=HEADS, intermediate_size=INNER, hidden_act="gelu_new", layer_norm_eps=1e-5,
        rope_parameters={"rope_type": "default", "rope_theta": 10000.0, "partial_rotary_factor": 0.5},
        tie_word_embeddings=False, bos_token_id=0, eos_token_id=0,
    )  # fmt: skip


GPT2_NAMES = {
    "transformer.wte": "token_embd",
    "transformer.wpe": "position_embd",
    "transformer.ln_f": "output_norm",
    "transformer.h.{}.ln_1": "blk.{}.attn_norm",
    "transformer.h.{}.attn.c_attn": "blk.{}.attn_qkv",
    "transformer.h.{}.attn.c_proj": "blk.{}.attn_output",
    "transformer.h.{}.ln_2": "blk.{}.ffn_norm",
    "transformer.h.{}.mlp.c_fc": "blk.{}.ffn_up",
    "transformer.h.{}.mlp.c_proj": "blk.{}.ffn_down",
}

NEOX_NAMES = {
    "gpt_neox.embed_in": "token_embd",
    "gpt_neox.final_layer_norm": "output_norm",
    "lm_head": "output",
    "gpt_neox.layers.{}.input_layernorm": "blk.{}.attn_norm",
    "gpt_neox.layers.{}.attention.query_key_value": "blk.{}.attn_qkv",
    "gpt_neox.layers.{}.attention.dense": "blk.{}.attn_output",
    "gpt_neox.layers.{}.post_attention_layernorm": "blk.{}.ffn_norm",
    "gpt_neox.layers.{}.mlp.dense_h_to_4h": "blk.{}.ffn_up",
    "gpt_neox.layers.{}.mlp.dense_4h_to_h": "blk.{}.ffn_down",
}

OPT_NAMES = {
    "model.decoder.embed_tokens": "token_embd",
    "model.decoder.embed_positions": "position_embd",
    "model.decoder.final_layer_norm": "output_norm",
    "model.decoder.layers.{}.self_attn_layer_norm": "blk.{}.attn_norm",
    "model.decoder.layers.{}.self_attn.q_proj": "blk.{}.attn_q",
    "model.decoder.layers.{}.self_attn.k_proj": "blk.{}.attn_k",
    "model.decoder.layers.{}.self_attn.v_proj": "blk.{}.attn_v",
    "model.decoder.layers.{}.self_attn.out_proj": "blk.{}.attn_output",
    "model.decoder.layers.{}.final_layer_norm": "blk.{}.ffn_norm",
    "model.decoder.layers.{}.fc1": "blk.{}.ffn_up",
    "model.decoder.layers.{}.fc2": "blk.{}.ffn_down",
}

LLAMA_NAMES = {
    "model.embed_tokens": "token_embd",
    "model.norm": "output_norm",
    "lm_head": "output",
    "model.layers.{}.input_layernorm": "blk.{}.attn_norm",
    "model.layers.{}.self_attn.q_proj": "blk.{}.attn_q",
    "model.layers.{}.self_attn.k_proj": "blk.{}.attn_k",
    "model.layers.{}.self_attn.v_proj": "blk.{}.attn_v",
    "model.layers.{}.self_attn.o_proj": "blk.{}.attn_output",
    "model.layers.{}.post_attention_layernorm": "blk.{}.ffn_norm",
    "model.layers.{}.mlp.gate_proj": "blk.{}.ffn_gate",
    "model.layers.{}.mlp.up_proj": "blk.{}.ffn_up",
    "model.layers.{}.mlp.down_proj": "blk.{}.ffn_down",
}

PHI_NAMES = {
    "model.embed_tokens": "token_embd",
    "model.final_layernorm": "output_norm",
    "lm_head": "output",
    "model.layers.{}.input_layernorm": "blk.{}.attn_norm",
    "model.layers.{}.self_attn.q_proj": "blk.{}.attn_q",
    "model.layers.{}.self_attn.k_proj": "blk.{}.attn_k",
    "model.layers.{}.self_attn.v_proj": "blk.{}.attn_v",
    "model.layers.{}.self_attn.dense": "blk.{}.attn_output",
    "model.layers.{}.mlp.fc1": "blk.{}.ffn_up",
    "model.layers.{}.mlp.fc2": "blk.{}.ffn_down",
}

# Standard deviations by the GGUF name's last part; what is not listed has the default.
DEFAULT_SCALE = 0.16
GPT2_SCALES = {"token_embd": 0.22, "position_embd": 0.3, "attn_output": 0.22, "ffn_down": 0.34}
NEOX_SCALES = {"token_embd": 0.6, "output": 0.3, "attn_output": 0.22, "ffn_down": 0.34}
TIED_SCALES = {"token_embd": 0.15, "attn_output": 0.22, "ffn_down": 0.34}


def neox_entry(name: str, parallel: bool, seed: int, kinds: tuple[str, ...], weights_of: str = "") -> Architecture:
    return Architecture(
        name=name, gguf_arch="gptneox", gguf_pre="olmo", seed=seed, config=lambda: neox_config(parallel),
        blocks="gpt_neox.layers", norm="gpt_neox.final_layer_norm", head="lm_head", gguf_names=NEOX_NAMES,
        interleaved_qkv=True, scales=NEOX_SCALES, extra_tokens=("    ", "   ", "  "),
        old_style_config=not parallel, weights_of=weights_of, kinds=kinds, all_logits=parallel,
    )  # fmt: skip


def llama_entry(name: str, config: Callable[[], PreTrainedConfig], **traits) -> Architecture:
    settings = dict(
        gguf_arch="llama", gguf_pre="gpt-2", seed=106, blocks="model.layers", norm="model.norm", head="lm_head",
        gguf_names=LLAMA_NAMES, paired_rotary=True, scales=NEOX_SCALES, halves=True, kinds=("f16",), all_logits=False,
    )  # fmt: skip
    return Architecture(name=name, config=config, **settings | traits)


ARCHITECTURES = [
    Architecture(
        name="gpt2", gguf_arch="gpt2", gguf_pre="gpt-2", seed=48, config=gpt2_config,
        blocks="transformer.h", norm="transformer.ln_f", head="lm_head", gguf_names=GPT2_NAMES,
        input_first=("attn_qkv", "attn_output", "ffn_up", "ffn_down"), scales=GPT2_SCALES,
    ),  # fmt: skip
    neox_entry("gptneox", parallel=True, seed=13, kinds=("f32", "q8_0")),
    # The same weights, the blocks in sequence: only the flag differs.
    neox_entry("gptneox-sequential", parallel=False, seed=13, kinds=("f32",), weights_of="gptneox"),
    Architecture(
        name="opt", gguf_arch="opt", gguf_pre="gpt-2", seed=5, config=opt_config,
        blocks="model.decoder.layers", norm="model.decoder.final_layer_norm", head="lm_head", gguf_names=OPT_NAMES,
        scales=GPT2_SCALES, padding_rows=2, halves=True, kinds=("f16",), all_logits=False,
    ),
    llama_entry("llama", lambda: LlamaConfig(**llama_settings(PLAIN_ROPE))),
    # The same weights with Llama 3's stretched rotary frequencies.
    llama_entry(
        "llama3", lambda: LlamaConfig(**llama_settings(LLAMA3_ROPE)), old_style_config=True, weights_of="llama"
    ),
    # ... and as Mistral, whose positions see no further back than its window.
    llama_entry(
        "mistral", lambda: MistralConfig(**llama_settings(PLAIN_ROPE), sliding_window=WINDOW), weights_of="llama"
    ),
    llama_entry(
        "qwen2", lambda: Qwen2Config(**llama_settings(PLAIN_ROPE), tie_word_embeddings=True), seed=4,
        gguf_arch="qwen2", paired_rotary=False, scales=TIED_SCALES,
    ),
    Architecture(
        name="phi", gguf_arch="phi2", gguf_pre="phi-2", seed=7, config=phi_config,
        blocks="model.layers", norm="model.final_layernorm", head="lm_head", gguf_names=PHI_NAMES,
        scales=NEOX_SCALES, halves=True, kinds=("f16",), all_logits=False,
    ),
]  # fmt: skip


def make_tokenizer(arch: Architecture) -> Tokenizer:
    """Byte-level BPE as GPT-2's. With extra tokens it has GPT-NeoX's traits: a composing normaliser, a second special
    token, and runs of spaces as added tokens that are not special, at the end of the vocabulary."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer.decoder = decoders.ByteLevel()
    if arch.extra_tokens:
        tokenizer.normalizer = normalizers.NFC()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY - len(arch.extra_tokens),
        special_tokens=[END_OF_TEXT, PADDING] if arch.extra_tokens else [END_OF_TEXT],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    tokenizer.add_tokens([AddedToken(text, normalized=True) for text in arch.extra_tokens])
    if tokenizer.get_vocab_size() != VOCABULARY:
        raise ValueError("the tokenizer did not come out as asked")
    return tokenizer


def gguf_name(arch: Architecture, name: str) -> str:
    """transformer.h.1.ln_1.weight -> blk.1.attn_norm.weight"""
    module, _, kind = name.rpartition(".")
    number = next((part for part in module.split(".") if part.isdigit()), "")
    pattern = module.replace(f".{number}.", ".{}.") if number else module
    return f"{arch.gguf_names[pattern].format(number)}.{kind}"


def tensor_role(name: str) -> str:
    """blk.1.attn_norm.weight -> attn_norm"""
    return name.split(".")[-2]


def draw_weights(arch: Architecture, shapes: dict[str, tuple[int, ...]]) -> dict[str, np.ndarray]:
    """float32 weights for every parameter, in the order of their names so that the seed alone decides them."""
    rng = np.random.default_rng(arch.seed)
    weights: dict[str, np.ndarray] = {}
    for name in sorted(shapes):
        target = gguf_name(arch, name)
        values = rng.standard_normal(shapes[name])
        if target.endswith("_norm.weight"):
            values = 1.0 + 0.2 * values
        elif target.endswith(".bias"):
            values = 0.1 * values
        else:
            values = arch.scales.get(tensor_role(target), DEFAULT_SCALE) * values
        weights[name] = values.astype(np.float16 if arch.halves else np.float32).astype(np.float32)
    return weights


def build_model(arch: Architecture, weights: dict[str, np.ndarray] | None = None) -> PreTrainedModel:
    """A model in float32 for inference, with the given weights or the architecture's own."""
    model = AutoModelForCausalLM.from_config(arch.config(), attn_implementation="eager").float().eval()
    parameters = dict(model.named_parameters())
    if weights is None:
        weights = draw_weights(arch, {name: tuple(p.shape) for name, p in parameters.items()})
    with torch.no_grad():
        for name, parameter in parameters.items():
            parameter.copy_(torch.from_numpy(weights[name]))
    return model


def model_weights(model: PreTrainedModel) -> dict[str, np.ndarray]:
    """Every parameter once (a tied output is the token embedding) by its name in transformers."""
    return {name: p.detach().numpy().copy() for name, p in model.named_parameters()}


def save_folder(arch: Architecture, model: PreTrainedModel, tokenizer: Tokenizer, folder: Path) -> None:
    """The Hugging Face folder. A fixture that shares another one's weights links to them."""
    folder.mkdir(parents=True, exist_ok=True)
    (model.half() if arch.halves else model).save_pretrained(folder)
    (folder / "model.safetensors").chmod(0o644)
    (folder / "generation_config.json").unlink(missing_ok=True)
    if arch.old_style_config:
        rewrite_rope_keys(folder / "config.json")
    if arch.weights_of:
        (folder / "model.safetensors").unlink()
        (folder / "model.safetensors").symlink_to(f"../{arch.weights_of}/model.safetensors")
    tokenizer.save(str(folder / "tokenizer.json"))
    settings = {
        "tokenizer_class": "PreTrainedTokenizerFast", "bos_token": END_OF_TEXT, "eos_token": END_OF_TEXT,
        "unk_token": END_OF_TEXT, "add_prefix_space": False, "clean_up_tokenization_spaces": False,
        "model_max_length": CONTEXT,
    }  # fmt: skip
    (folder / "tokenizer_config.json").write_text(json.dumps(settings, indent=2) + "\n")


def rewrite_rope_keys(path: Path) -> None:
    """Published GPT-NeoX models carry rotary_pct and rotary_emb_base, published Llama models rope_theta and
    rope_scaling; new versions of transformers write rope_parameters. Fixtures of each kind keep an importer honest."""
    config = json.loads(path.read_text())
    rope = config.pop("rope_parameters")
    theta = rope.pop("rope_theta")
    if config["model_type"] == "gpt_neox":
        config["rotary_pct"] = rope["partial_rotary_factor"]
        config["rotary_emb_base"] = int(theta)
    else:
        config["rope_theta"] = theta
        config["rope_scaling"] = rope
    path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")
