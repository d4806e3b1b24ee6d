internal import Cli
internal import Gateway
internal import Glibc
internal import Simulation

/// Where the state is that a verb without a daemon works on.
func stateOptions(_ options: NodeOptions) -> Daemon.Options {
  Daemon.Options(
    configuration: options.configuration, state: options.state, site: options.site)
}

if CommandLine.arguments.dropFirst() == [PasswordProgram.word] { exit(PasswordProgram.main()) }
if CommandLine.arguments.dropFirst() == [DeliveryProgram.word] { exit(DeliveryProgram.main()) }

let code = Cli.main(
  arguments: Array(CommandLine.arguments.dropFirst()), version: BivouacVersion.text,
  run: { options, tellClaim in
    Daemon.run(
      Daemon.Options(
        configuration: options.configuration, state: options.state, socket: options.socket,
        listen: options.listen, web: options.web, isHub: options.isHub), tellClaim: tellClaim)
  },
  configCheck: { options in
    let outcome = ConfigurationCheck.run(file: options.configuration)
    return ConfigurationReport(
      files: outcome.files, problems: outcome.problems, isUsable: outcome.isUsable)
  },
  state: StateHooks(
    verify: { options, onProgress throws(StateHooks.Refusal) in
      try StateKeeping.verify(stateOptions(options), onProgress: onProgress)
    },
    backup: { options, file, onProgress throws(StateHooks.Refusal) in
      try StateKeeping.backup(stateOptions(options), to: file, onProgress: onProgress)
    },
    restore: { options, file, replacing, onProgress throws(StateHooks.Refusal) in
      try StateKeeping.restore(
        stateOptions(options), from: file, replacing: replacing, onProgress: onProgress)
    },
    site: { seed in
      let outcome = SiteSimulation.run(seed: seed)
      return SiteReport(
        seed: seed, violations: outcome.violations, traceHash: outcome.traceHash,
        trace: outcome.trace, records: outcome.recordCount, requests: outcome.requestCount)
    },
    rows: { path throws(StateHooks.Refusal) in try StateKeeping.rows(path: path) }))
exit(code)
