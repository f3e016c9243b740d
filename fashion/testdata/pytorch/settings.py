"""Makes settings.json and settings.safetensors: trainings of small models with
optimizers, schedules, clipping, label smoothing and averages.

settings.json has, for each setting, the losses of 12 steps of a softmax
regression and of a network with a convolution and batch norm, and the learning
rates and momenta of the steps. settings.safetensors has the network's first
weights ("first.NAME") and its weights after each setting's steps
("SETTING.NAME"; for an average, those of the average).
"""

import json
from collections.abc import Callable
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn
from torch.optim import lr_scheduler as schedulers
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

HERE = Path(__file__).parent
IMAGES, BATCH, STEPS = 32, 8, 12


def batch_of(step: int) -> tuple[torch.Tensor, torch.Tensor]:
    """The images that parity_settings_test.go computes, in file order."""
    i = torch.arange(IMAGES)[:, None]
    p = torch.arange(784)[None, :]
    pixels = (i * i * 7 + p * 13 + (i + 1) * (p // 28) * (p % 28)) % 256
    part = slice(step % (IMAGES // BATCH) * BATCH, (step % (IMAGES // BATCH) + 1) * BATCH)
    images = (pixels.float() / 255).reshape(IMAGES, 1, 28, 28)
    return images[part], (torch.arange(IMAGES) * 3 % 10)[part]


class Small(nn.Module):
    """A convolution, batch norm and a linear layer."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Sequential(nn.Conv2d(1, 2, 5), nn.ReLU(), nn.BatchNorm2d(2), nn.MaxPool2d(4))
        self.out = nn.Linear(72, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.out(self.conv(x).flatten(1))


class Softmax(nn.Module):
    """Softmax regression whose weights begin at 0."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(784, 10)
        nn.init.zeros_(self.linear.weight)
        nn.init.zeros_(self.linear.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.linear(x.flatten(1))


class Setting:
    """One training: an optimizer, and what else it has."""

    def __init__(
        self,
        optimizer: Callable[[nn.Module], torch.optim.Optimizer],
        schedule: Callable[[torch.optim.Optimizer], schedulers.LRScheduler] | None = None,
        smoothing: float = 0,
        clip: Callable[[nn.Module], object] | None = None,
        ema: tuple[float, int, int] | None = None,
        freeze: tuple[str, int] | None = None,
    ) -> None:
        self.optimizer, self.schedule, self.smoothing = optimizer, schedule, smoothing
        self.clip, self.ema, self.freeze = clip, ema, freeze

    def train(self, model: nn.Module) -> tuple[dict, nn.Module]:
        optimizer = self.optimizer(model)
        schedule = self.schedule(optimizer) if self.schedule else None
        average = None
        if self.ema:
            average = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(self.ema[0]))
        losses, rates, momenta = [], [], []
        for step in range(STEPS):
            if self.freeze and step == self.freeze[1]:
                dict(model.named_parameters())[self.freeze[0]].requires_grad_(False)
            group = optimizer.param_groups[0]
            rates.append(float(group["lr"]))
            momenta.append(float(group["momentum"] if "momentum" in group else group["betas"][0]))
            images, labels = batch_of(step)
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(images), labels, label_smoothing=self.smoothing)
            loss.backward()
            if self.clip:
                self.clip(model)
            optimizer.step()
            if schedule:
                schedule.step()
            losses.append(loss.item())
            if average and self.ema and step + 1 > self.ema[2] and (step + 1) % self.ema[1] == 0:
                average.update_parameters(model)
        figures = {"losses": losses, "rates": rates, "momenta": momenta}
        return figures, average.module if average else model


def sgd(**options: float | bool) -> Callable[[nn.Module], torch.optim.Optimizer]:
    return lambda model: torch.optim.SGD(model.parameters(), lr=0.02, **options)


def adamw(model: nn.Module) -> torch.optim.Optimizer:
    return torch.optim.AdamW(model.parameters(), lr=0.002)


def recipe(model: nn.Module) -> torch.optim.Optimizer:
    """AdamW with decay on kernels and matrices only."""
    matrices = [p for p in model.parameters() if p.ndim >= 2]
    others = [p for p in model.parameters() if p.ndim < 2]
    groups = [{"params": matrices, "weight_decay": 0.2}, {"params": others, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=0.002, betas=(0.9, 0.95))


def slow_biases(model: nn.Module) -> torch.optim.Optimizer:
    """A tenth of the rate for the biases."""
    biases = [p for name, p in model.named_parameters() if name.endswith("bias")]
    others = [p for name, p in model.named_parameters() if not name.endswith("bias")]
    return torch.optim.Adam([{"params": others}, {"params": biases, "lr": 0.0002}], lr=0.002)


def warm_up(optimizer: torch.optim.Optimizer) -> schedulers.LRScheduler:
    first = schedulers.LinearLR(optimizer, start_factor=0.25, total_iters=4)
    then = schedulers.CosineAnnealingLR(optimizer, T_max=STEPS - 4)
    return schedulers.SequentialLR(optimizer, [first, then], milestones=[4])


def triangular(optimizer: torch.optim.Optimizer) -> schedulers.LRScheduler:
    return schedulers.CyclicLR(optimizer, 0.0, 0.02, step_size_up=3, step_size_down=STEPS - 3, cycle_momentum=False)


def settings() -> dict[str, Setting]:
    plain = sgd()
    return {
        "momentum": Setting(sgd(momentum=0.9)),
        "nesterov": Setting(sgd(momentum=0.9, nesterov=True, weight_decay=0.05)),
        "sgd_decay": Setting(sgd(weight_decay=0.1)),
        "adam_decay": Setting(lambda m: torch.optim.Adam(m.parameters(), lr=0.002, betas=(0.8, 0.95), eps=1e-4, weight_decay=0.1)),
        "adamw": Setting(adamw),
        "adamw_recipe": Setting(recipe),
        "slow_biases": Setting(slow_biases),
        "freeze": Setting(adamw, freeze=("FIRST_BIAS", 3)),
        "freeze_clipped": Setting(
            sgd(momentum=0.9),
            freeze=("FIRST_BIAS", 3),
            clip=lambda m: nn.utils.clip_grad_norm_(m.parameters(), 0.5),
        ),
        "onecycle": Setting(sgd(momentum=0.9), lambda o: schedulers.OneCycleLR(o, max_lr=0.02, total_steps=STEPS)),
        "onecycle_linear": Setting(adamw, lambda o: schedulers.OneCycleLR(o, max_lr=0.002, total_steps=STEPS, anneal_strategy="linear")),
        "onecycle_fixed": Setting(
            plain,
            lambda o: schedulers.OneCycleLR(o, max_lr=0.02, total_steps=STEPS, pct_start=0.2, div_factor=10, final_div_factor=100, cycle_momentum=False),
        ),
        "cosine": Setting(plain, lambda o: schedulers.CosineAnnealingLR(o, T_max=STEPS, eta_min=0.001)),
        "linear": Setting(plain, lambda o: schedulers.LinearLR(o)),
        "step": Setting(plain, lambda o: schedulers.StepLR(o, step_size=5)),
        "triangular": Setting(plain, triangular),
        "warm_up": Setting(adamw, warm_up),
        "clip_norm": Setting(plain, clip=lambda m: nn.utils.clip_grad_norm_(m.parameters(), 0.5)),
        "clip_value": Setting(plain, clip=lambda m: nn.utils.clip_grad_value_(m.parameters(), 0.01)),
        "label_smoothing": Setting(plain, smoothing=0.1),
        "ema": Setting(sgd(momentum=0.9), ema=(0.9, 1, 0)),
        "ema_every": Setting(adamw, ema=(0.95, 2, 3)),
    }


def main() -> None:
    torch.use_deterministic_algorithms(True)
    torch.manual_seed(5)
    first = Small()
    weights = {f"first.{name}": value.clone() for name, value in first.state_dict().items()}
    figures: dict[str, dict] = {}
    for name in settings():
        figures[name] = {}
        for key, bias in (("small", "conv.0.bias"), ("softmax", "linear.bias")):
            model: nn.Module = Small() if key == "small" else Softmax()
            if key == "small":
                model.load_state_dict(first.state_dict())
            setting = settings()[name]
            if setting.freeze:
                setting.freeze = (bias, setting.freeze[1])
            result, trained = setting.train(model)
            figures[name][key] = result["losses"]
            figures[name].update({"rates": result["rates"], "momenta": result["momenta"]})
            if key == "small":
                weights |= {f"{name}.{part}": value.clone() for part, value in trained.state_dict().items()}
    text = json.dumps({"torch": torch.__version__, "settings": figures}, indent=None)
    (HERE / "settings.json").write_text(text + "\n", encoding="utf-8")
    # The counts of batches are the same in all settings.
    save_file({n: w for n, w in weights.items() if w.is_floating_point()}, HERE / "settings.safetensors")


if __name__ == "__main__":
    main()
