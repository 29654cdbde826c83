package io.densepure.cli;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/**
 * Lists a command's options under the headings of {@link HelpSection}. Commands without any such
 * option keep the plain list.
 */
final class SectionedHelp {
  private SectionedHelp() {}

  /** For {@code cmd} and all its subcommands. */
  static void install(CommandLine cmd) {
    if (sections(cmd.getCommandSpec()).size() > 1) {
      cmd.getCommandSpec().usageMessage().abbreviateSynopsis(true);
      cmd.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_OPTION_LIST, SectionedHelp::render);
    }
    cmd.getSubcommands().values().forEach(SectionedHelp::install);
  }

  private static Map<HelpSection, List<OptionSpec>> sections(CommandSpec command) {
    Map<HelpSection, List<OptionSpec>> sections = new EnumMap<>(HelpSection.class);
    for (OptionSpec option : command.options()) {
      if (!option.hidden()) {
        sections.computeIfAbsent(section(option), s -> new ArrayList<>()).add(option);
      }
    }
    return sections;
  }

  private static HelpSection section(OptionSpec option) {
    if (option.userObject() instanceof Field field) {
      HelpSection.In own = field.getAnnotation(HelpSection.In.class);
      HelpSection.In ofClass = field.getDeclaringClass().getAnnotation(HelpSection.In.class);
      return own != null ? own.value() : ofClass != null ? ofClass.value() : HelpSection.GENERAL;
    }
    return HelpSection.GENERAL;
  }

  private static String render(Help help) {
    StringBuilder text = new StringBuilder();
    sections(help.commandSpec())
        .forEach(
            (section, options) -> {
              Help.Layout layout =
                  help.createDefaultLayout(
                      help.commandSpec().options(), List.of(), help.colorScheme());
              layout.addOptions(options, help.parameterLabelRenderer());
              text.append(String.format("%n%s:%n", section.heading())).append(layout);
            });
    return text.toString();
  }
}
