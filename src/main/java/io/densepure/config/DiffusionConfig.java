package io.densepure.config;

import io.densepure.InputException;
import io.densepure.Settings;
import java.io.Serializable;
import java.util.HashSet;
import java.util.Set;

/**
 * The diffusion network and its process.
 *
 * @param type {@code ddpm} (improved-diffusion's network and clock) or {@code guided-ddpm}
 * @param checkpoint a weight file, or {@code bundled:NAME}; null when none is configured
 * @param model the keys of the original's {@code model:} section (script_util.py), all known
 */
public record DiffusionConfig(String type, String checkpoint, Settings model)
    implements Serializable {
  private static final Set<String> NETWORK_KEYS =
      Set.of(
          "image_size",
          "in_channels",
          "num_channels",
          "num_res_blocks",
          "channel_mult",
          "attention_resolutions",
          "learn_sigma",
          "class_cond",
          "num_classes",
          "num_heads",
          "num_head_channels",
          "num_heads_upsample",
          "use_scale_shift_norm",
          "resblock_updown",
          "use_new_attention_order",
          "use_fp16");
  private static final Set<String> PROCESS_KEYS =
      Set.of(
          "diffusion_steps",
          "noise_schedule",
          "timestep_respacing",
          "rescale_timesteps",
          "predict_xstart",
          "sigma_small");

  /** Only training reads these; the original's files may carry them. */
  private static final Set<String> TRAINING_KEYS =
      Set.of("dropout", "use_kl", "use_checkpoint", "rescale_learned_sigmas");

  public DiffusionConfig {
    if (!type.equals("ddpm") && !type.equals("guided-ddpm")) {
      throw InputException.of(
          "%s: diffusion_type '%s' is neither ddpm nor guided-ddpm", model.source(), type);
    }
    Set<String> known = new HashSet<>(NETWORK_KEYS);
    known.addAll(PROCESS_KEYS);
    known.addAll(TRAINING_KEYS);
    model.requireKnown("model", known);
  }

  /** Whether this is guided-diffusion's network and clock rather than improved-diffusion's. */
  public boolean guided() {
    return type.equals("guided-ddpm");
  }

  /** The same model with its weights elsewhere. */
  public DiffusionConfig withCheckpoint(String file) {
    return new DiffusionConfig(type, file, model);
  }

  /** The same model with one key of the {@code model} section changed. */
  public DiffusionConfig with(String key, Object value) {
    return new DiffusionConfig(type, checkpoint, model.with(key, value));
  }
}
