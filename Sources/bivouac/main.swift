internal import Cli
internal import Gateway
internal import Glibc

let code = Cli.main(
  arguments: Array(CommandLine.arguments.dropFirst()), version: BivouacVersion.text,
  run: { options in
    Daemon.run(
      Daemon.Options(
        configuration: options.configuration, state: options.state, socket: options.socket,
        listen: options.listen, web: options.web))
  },
  configCheck: { options in
    let outcome = ConfigurationCheck.run(file: options.configuration)
    return ConfigurationReport(
      files: outcome.files, problems: outcome.problems, isUsable: outcome.isUsable)
  })
exit(code)
