internal import Glibc
internal import Cli

let code = Cli.main(
  arguments: Array(CommandLine.arguments.dropFirst()), version: "0.1.0",
  run: { _ in nil },
  configCheck: { _ in ConfigurationReport(files: [], problems: [], isUsable: true) })
exit(code)
