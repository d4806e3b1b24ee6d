/// The help, as lines of at most 80 columns.
enum HelpPage {
  private static let columnsMax = 80

  /// What there is, in one page.
  static func overview(_ language: Language) -> [String] {
    var lines = TextWidth.wrap(Message.programSummary.text(language), to: columnsMax)
    lines += ["", Message.usageHeading.text(language), "  bivouac VERB [...]", ""]
    lines.append(Message.verbsHeading.text(language))
    let width = Verb.Name.allCases.map(\.rawValue.count).max() ?? 0
    for verb in Verb.all {
      lines += entry(verb.name.rawValue, verb.summary.text(language), width: width)
    }
    lines += ["", Message.commonOptionsHeading.text(language)]
    lines += options(Verb.common, language)
    lines += ["", Message.exitCodesHeading.text(language)]
    for code in Message.exitCodes {
      lines += TextWidth.wrap(code.text(language), to: columnsMax - 2, indent: "   ").map {
        "  " + $0
      }
    }
    lines += [""] + TextWidth.wrap(Message.helpHint.text(language), to: columnsMax)
    return lines
  }

  /// The page of one verb.
  static func page(of verb: Verb, _ language: Language) -> [String] {
    var lines = TextWidth.wrap(verb.summary.text(language), to: columnsMax)
    lines += ["", Message.usageHeading.text(language)]
    for form in verb.forms {
      lines.append("  bivouac \(verb.name.rawValue)" + (form.isEmpty ? "" : " " + form))
    }
    for paragraph in verb.details {
      lines += [""] + TextWidth.wrap(paragraph.text(language), to: columnsMax)
    }
    if !verb.options.isEmpty {
      lines += ["", Message.optionsHeading.text(language)] + options(verb.options, language)
    }
    lines += ["", Message.commonOptionsHeading.text(language)]
    lines += options(Verb.common, language)
    if !verb.examples.isEmpty {
      lines += ["", Message.examplesHeading.text(language)]
      lines += verb.examples.map { "  bivouac " + $0 }
    }
    return lines
  }

  private static func options(_ options: [Option], _ language: Language) -> [String] {
    let width = options.map { TextWidth.columns($0.usage) }.max() ?? 0
    return options.flatMap { entry($0.usage, $0.summary.text(language), width: width) }
  }

  private static func entry(_ name: String, _ text: String, width: Int) -> [String] {
    let margin = width + 4
    let wrapped = TextWidth.wrap(text, to: columnsMax - margin)
    return wrapped.enumerated().map { index, line in
      TextWidth.pad(index == 0 ? "  " + name : "", to: margin) + line
    }
  }
}
