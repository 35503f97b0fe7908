"""The two models: same depth, width, heads and context; what differs is the architecture."""

from transformers import (
    GPT2Config,
    GPT2LMHeadModel,
    GPTNeoXConfig,
    GPTNeoXForCausalLM,
    PreTrainedModel,
)

from tokenizer import END_OF_TEXT_ID, VOCABULARY

CONTEXT = 256
LAYERS = 6
WIDTH = 128
HEADS = 4

TITLES = {"bible-gpt": "Bible-GPT", "bible-neox": "Bible-NeoX"}


def make_gpt() -> PreTrainedModel:
    """GPT-2: learned positions, blocks in sequence, output tied to the token embedding."""
    return GPT2LMHeadModel(
        GPT2Config(
            vocab_size=VOCABULARY,
            n_positions=CONTEXT,
            n_embd=WIDTH,
            n_layer=LAYERS,
            n_head=HEADS,
            activation_function="gelu_new",
            tie_word_embeddings=True,
            resid_pdrop=0.0,
            embd_pdrop=0.0,
            attn_pdrop=0.0,
            bos_token_id=END_OF_TEXT_ID,
            eos_token_id=END_OF_TEXT_ID,
        )
    )


def make_neox() -> PreTrainedModel:
    """GPT-NeoX as Pythia has it: rotary positions on a quarter of each head, parallel residual, output untied."""
    return GPTNeoXForCausalLM(
        GPTNeoXConfig(
            vocab_size=VOCABULARY,
            max_position_embeddings=CONTEXT,
            hidden_size=WIDTH,
            num_hidden_layers=LAYERS,
            num_attention_heads=HEADS,
            intermediate_size=4 * WIDTH,
            hidden_act="gelu",
            rope_parameters={"rope_type": "default", "rope_theta": 10000.0, "partial_rotary_factor": 0.25},
            use_parallel_residual=True,
            tie_word_embeddings=False,
            hidden_dropout=0.0,
            attention_dropout=0.0,
            bos_token_id=END_OF_TEXT_ID,
            eos_token_id=END_OF_TEXT_ID,
        )
    )


MAKERS = {"bible-gpt": make_gpt, "bible-neox": make_neox}
