"""The transformer that is trained, with the map of words; written in the form that the program loads."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional
from transformers import AutoModel

from clinsearch.encoder.checkpoint import MINILM, find_checkpoint
from clinsearch.encoder.tokenizer import Tokenizer
from clinsearch.encoder.words import MINILM_MAP, REACH, WORD_SHARE, marked_span, word_layer
from training.examples import Example

TOKENS_PER_BATCH = 2048
MOST_TOKENS = 256
WORD_MAP = "words.npy"
BASE_MODEL = MINILM  # what is begun from
TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json")
SETTINGS = ("config.json", "modules.json", "sentence_bert_config.json", "1_Pooling/config.json")


class Student(nn.Module):
    """A transformer and a linear map of its words' vectors, both learned."""

    def __init__(self, folder: Path, word_map: Path, device: str = "cpu", *, reduced: bool = True) -> None:
        """Begin with the weights of a folder; `reduced`: compute in bfloat16 where that does no harm.

        Raises ModelError where there are none.
        """
        super().__init__()
        checkpoint = find_checkpoint(str(folder))
        self.transformer = AutoModel.from_pretrained(
            folder, local_files_only=True, attn_implementation="eager", add_pooling_layer=False, dtype=torch.float32
        ).eval()  # without dropout: what is distilled should not wander
        self.word_map = nn.Parameter(torch.from_numpy(np.load(word_map).astype(np.float32)))
        self.tokenizer = Tokenizer(checkpoint)
        self.reduced = reduced
        self.to(device)

    def encode(self, texts: Sequence[str]) -> torch.Tensor:
        """Return the pooled vectors of texts, (n, hidden_size), at unit length; what is too long is cut off."""
        ids = self._framed(texts)
        rows, found = [], []
        for at in _batches([len(one) for one in ids]):
            _, last, mask = self._states([ids[n] for n in at])
            rows += at
            found.append((last * mask[:, :, None]).sum(dim=1))
        return functional.normalize(torch.cat(found)[_inverse(rows)], dim=1)

    def encode_words(self, examples: Sequence[Example]) -> torch.Tensor:
        """Return the vectors of words in context, (n, width), as `clinsearch.encoder.words` makes them."""
        ids = self._framed([example.text for example in examples])
        spans = [self._span(example) for example in examples]
        rows, found = [], []
        for at in _batches([len(one) for one in ids]):
            middle, last, mask = self._states([ids[n] for n in at])
            found.append(word_vectors(middle, last, mask, torch.tensor([spans[n] for n in at]), self.word_map))
            rows += at
        return torch.cat(found)[_inverse(rows)]

    def save(self, folder: Path) -> None:
        """Write it in half precision in the form of sentence-transformers, the map of words beside."""
        folder.mkdir(parents=True, exist_ok=True)
        base = find_checkpoint(BASE_MODEL).folder
        for name in (*TOKENIZER_FILES, *SETTINGS):
            (folder / name).parent.mkdir(exist_ok=True)
            shutil.copyfile(base / name, folder / name)
        tokenizer = json.loads((base / "tokenizer.json").read_text(encoding="utf-8"))
        compact = json.dumps(tokenizer, ensure_ascii=False, separators=(",", ":"))
        (folder / "tokenizer.json").write_text(compact, encoding="utf-8")
        weights = {
            name: value.detach().half().cpu().contiguous() for name, value in self.transformer.state_dict().items()
        }
        save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
        np.save(folder / WORD_MAP, self.word_map.detach().cpu().numpy().astype(np.float16))

    def _framed(self, texts: Sequence[str]) -> list[list[int]]:
        before, after = self.tokenizer.prefix, self.tokenizer.suffix
        most = MOST_TOKENS - len(before) - len(after)
        return [[*before, *ids[:most], *after] for ids in self.tokenizer.ids(texts)]

    def _span(self, example: Example) -> tuple[int, int]:
        return marked_span(self.tokenizer.tokens(example.text), example.start, example.end)

    def _states(self, ids: Sequence[Sequence[int]]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return the states of the word layer and of the last, (n, width, hidden_size), and the mask, (n, width)."""
        device = self.word_map.device
        width = max(map(len, ids))
        input_ids = torch.tensor([[*one, *[self.tokenizer.padding] * (width - len(one))] for one in ids], device=device)
        mask = torch.tensor([[1] * len(one) + [0] * (width - len(one)) for one in ids], device=device)
        with torch.autocast(device.type, torch.bfloat16, enabled=self.reduced):
            output = self.transformer(input_ids=input_ids, attention_mask=mask, output_hidden_states=True)
        states = output.hidden_states
        return states[word_layer(len(states) - 1)].float(), states[-1].float(), mask


def base_student(device: str = "cpu", *, reduced: bool = True) -> Student:
    """Return the model that is begun from."""
    return Student(find_checkpoint(BASE_MODEL).folder, MINILM_MAP, device, reduced=reduced)


def word_vectors(
    middle: torch.Tensor, last: torch.Tensor, mask: torch.Tensor, spans: torch.Tensor, word_map: torch.Tensor
) -> torch.Tensor:
    """Return a word's vector for each text, (n, width), by the recipe of `clinsearch.encoder.words`.

    middle, last: (n, rows, hidden_size). mask: (n, rows), the first and the last row of it the frame's. spans: (n, 2).
    """
    rows = torch.arange(mask.shape[1], device=mask.device)
    spans = spans.to(mask.device)
    distances = torch.maximum(spans[:, :1] - rows, rows - spans[:, 1:]).clamp(min=0)
    own = (distances == 0).float()
    special = (rows == 0) | (rows >= mask.sum(dim=1, keepdim=True) - 1)
    near = torch.where((distances == 0) | special, torch.zeros_like(own), torch.exp(-distances / REACH))
    near = torch.where(near.sum(dim=1, keepdim=True) > 0, near, own)
    word = functional.normalize((own[:, None] @ middle)[:, 0], dim=1)
    around = functional.normalize((near[:, None] @ last)[:, 0], dim=1)
    both = torch.cat([WORD_SHARE**0.5 * word, (1 - WORD_SHARE) ** 0.5 * around], dim=1)
    return functional.normalize(both @ word_map, dim=1)


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Group texts of about one length, the longest first, so that little of what is computed is padding."""
    order = sorted(range(len(lengths)), key=lambda at: (-lengths[at], at))
    while order:
        most = max(1, TOKENS_PER_BATCH // lengths[order[0]])
        yield order[:most]
        order = order[most:]


def _inverse(rows: Sequence[int]) -> torch.Tensor:
    return torch.argsort(torch.tensor(rows))
