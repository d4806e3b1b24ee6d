# Completion of bivouac for bash. Installed as
# /usr/share/bash-completion/completions/bivouac; asks the daemon for names, and stays quiet
# when there is none.
# shellcheck shell=bash

# The JSON of an answer; nothing where the daemon does not answer at once.
_bivouac_ask() {
  timeout 1 bivouac "${_bivouac_where[@]}" "$@" --json 2>/dev/null
}

# Ids and names of devices. JSON has its keys in order: what follows a name tells a device's from
# a command's.
_bivouac_devices() {
  _bivouac_ask devices |
    grep -oE '"id":"(board|sim|new|usb|usbp|port)-[^"\\]*"|"name":"[^"\\]*","(node|path|pr)' |
    sed -E 's/^"[a-z]+":"//; s/".*$//'
}

_bivouac_questions() {
  _bivouac_ask questions | grep -oE '"id":"q-[^"\\]*"' | sed -E 's/^"id":"//; s/"$//'
}

# The boots of the node, by the beginnings of their ids.
_bivouac_clocks() {
  echo present
  _bivouac_ask clock | grep -oE '"epoch":"[0-9a-f]{8}' | sed -E 's/^"epoch":"//'
}

# The names of people, and the ids of tokens.
_bivouac_names() {
  _bivouac_ask "$1" | grep -oE '"name":"[^"\\]*"' | sed -E 's/^"name":"//; s/"$//'
}

_bivouac_ids() {
  _bivouac_ask "$1" | grep -oE '"id":"[0-9a-f]{16}"' | sed -E 's/^"id":"//; s/"$//'
}

# What the nodes of the site are called.
_bivouac_labels() {
  _bivouac_ask site | grep -oE '"label":"[^"\\]*"' | sed -E 's/^"label":"//; s/"$//'
}

# The short names of a hub's sites.
_bivouac_sites() {
  _bivouac_ask site list | grep -oE '"place":"[a-z0-9-]+"' | sed -E 's/^"place":"//; s/"$//'
}

# The names of the tz database.
_bivouac_zones() {
  sed -nE 's/^Z ([^ ]+).*/\1/p; s/^L [^ ]+ ([^ ]+)$/\1/p' /usr/share/zoneinfo/tzdata.zi 2>/dev/null
}

_bivouac_options() {
  local common='--json --socket --state --site --lang --no-color --help'
  case $1 in
  run) echo "$common --config --listen --role --web" ;;
  config) echo "$common --config" ;;
  devices) echo "$common --always --remove" ;;
  watch) echo "$common --count" ;;
  query) echo "$common --from --to --last --clock --limit --window --agg --zone" \
    "--weekdays --daytime --precision --points --format --csv --jsonl" ;;
  series) echo "$common --from --to" ;;
  annotate) echo "$common --at --from --to --remove --reason --list --all --limit" ;;
  add) echo "$common --at --note --unit --within --remove --reason --list --all --limit --from --to" ;;
  delete) echo "$common --from --to --reason --yes --list --all --limit" ;;
  retention) echo "$common --raw --minutes --quota --note" ;;
  alarms) echo "$common --note --limit" ;;
  rules) echo "$common --above --below --rises --falls --within --silent --frozen --gone" \
    "--hysteresis --delay --clear-delay --severity --ask-comment" ;;
  recipients) echo "$common --severity --tongue --no-end --rules" ;;
  snapshots) echo "$common --limit --note --force" ;;
  user) echo "$common --role --password-file" ;;
  token) echo "$common --permissions" ;;
  audit) echo "$common --limit" ;;
  site) echo "$common --label --keep" ;;
  peers) echo "$common --url --uses --minutes --scopes --label --reason --pin" ;;
  sync) echo "$common --for --force" ;;
  undelete) echo "$common --reason" ;;
  clock) echo "$common --uptime --shown --now --within --note --anyway" ;;
  send) echo "$common --lease --life --no-wait" ;;
  commands) echo "$common --limit" ;;
  simulate) echo "$common --count --label --seed" ;;
  decode) echo "$common --hex" ;;
  export) echo "$common --format --from --to --device --channel" ;;
  import) echo "$common --format --device --channel --note --partial" ;;
  verify | backup) echo "$common --config" ;;
  restore) echo "$common --config --replace" ;;
  *) echo "$common" ;;
  esac
}

_bivouac_reply() {
  local IFS=$'\n'
  mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2")
}

_bivouac() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
  local verbs='run status devices questions answer watch query series annotate add delete
    undelete retention clock alarms rules recipients snapshots user token audit site peers sync send commands simulate decode export import verify backup restore
    config version help'
  local -a words=() _bivouac_where=()
  local index word
  COMPREPLY=()

  for ((index = 1; index < COMP_CWORD; index++)); do
    word=${COMP_WORDS[index]}
    case $word in
    --socket | --state | --site)
      _bivouac_where+=("$word" "${COMP_WORDS[index + 1]}")
      index=$((index + 1))
      ;;
    --lang | --config | --listen | --web | --from | --to | --last | --clock | --limit | --lease | \
      --life | --count | --label | --format | --device | --channel | --at | --note | --unit | \
      --within | --reason | --window | --agg | --zone | --weekdays | --daytime | --precision | \
      --points | --raw | --minutes | --quota | --uptime | --shown | --role | --password-file | \
      --permissions | --above | --below | --rises | --falls | --silent | --frozen | --gone | \
      --hysteresis | --delay | --clear-delay | --severity | --tongue | --url | --uses | --scopes | \
      --for) index=$((index + 1)) ;;
    -*) ;;
    *) words+=("$word") ;;
    esac
  done

  case $previous in
  --socket | --config | --password-file)
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
    return
    ;;
  --state | --web)
    mapfile -t COMPREPLY < <(compgen -d -- "$current")
    return
    ;;
  --lang | --tongue) _bivouac_reply $'en\nfr' "$current" && return ;;
  --format) _bivouac_reply $'csv\njsonl\nsqlite' "$current" && return ;;
  --severity) _bivouac_reply $'notice\nwarning\nalarm' "$current" && return ;;
  --role)
    if [[ ${words[0]-} == run ]]; then
      _bivouac_reply $'gateway\nhub' "$current" && return
    fi
    _bivouac_reply $'viewer\noperator\nadmin' "$current" && return
    ;;
  --scopes) _bivouac_reply $'record\nstate\ncommand\npeople\ngrant\nkeeper\nserve' "$current" && return ;;
  --site) _bivouac_reply "$(_bivouac_sites)" "$current" && return ;;
  --for) _bivouac_reply "$(_bivouac_labels)" "$current" && return ;;
  --permissions) _bivouac_reply $'metrics\nread\noperate\nadminister' "$current" && return ;;
  --precision) _bivouac_reply $'exact\nquick' "$current" && return ;;
  --zone) _bivouac_reply "$(_bivouac_zones)" "$current" && return ;;
  --device) _bivouac_reply "$(_bivouac_devices)" "$current" && return ;;
  --clock) _bivouac_reply $'corrected\nnode' "$current" && return ;;
  --from | --to | --last | --limit | --lease | --life | --count | --label | --channel | --at | \
    --note | --unit | --within | --reason | --window | --agg | --weekdays | --daytime | --points | \
    --raw | --minutes | --quota | --uptime | --shown | --url | --uses) return ;;
  esac

  if [[ $current == -* ]]; then
    _bivouac_reply "$(_bivouac_options "${words[0]:-}" | tr ' ' '\n')" "$current"
    return
  fi

  case "${words[0]:-}/${#words[@]}" in
  /0 | help/1) _bivouac_reply "$(tr -s ' ' '\n' <<<"$verbs")" "$current" ;;
  devices/1) _bivouac_reply $'list\nshow\nname\nopen\nforget\nassign\nanswer' "$current" ;;
  devices/2)
    if [[ ${words[1]} == answer ]]; then
      _bivouac_reply "$(_bivouac_questions)" "$current"
    else
      _bivouac_reply "$(_bivouac_devices)" "$current"
    fi
    ;;
  retention/1) _bivouac_reply $'list\nshow\nset\nreset\nacknowledge' "$current" ;;
  retention/2) [[ ${words[1]} =~ ^(show|set|reset)$ ]] && _bivouac_reply "$(_bivouac_devices)" "$current" ;;
  devices/3) [[ ${words[1]} == assign ]] && _bivouac_reply "$(_bivouac_devices)" "$current" ;;
  answer/1) _bivouac_reply "$(_bivouac_questions)" "$current" ;;
  answer/2) _bivouac_reply $'same\nanother\ncompanion\ntext\nprinter\nignored' "$current" ;;
  query/1 | series/1 | annotate/1 | add/1 | delete/1 | send/1 | commands/1) _bivouac_reply "$(_bivouac_devices)" "$current" ;;
  watch/*) _bivouac_reply "$(_bivouac_devices)" "$current" ;;
  simulate/1) _bivouac_reply $'esp32\notomate-companion\nsite' "$current" ;;
  alarms/1) _bivouac_reply $'open\nunacknowledged\nall\nacknowledge' "$current" ;;
  rules/1) _bivouac_reply $'list\nadd\nremove\nenable\ndisable\nsilence' "$current" ;;
  rules/2) [[ ${words[1]} != add && ${words[1]} != silence ]] && _bivouac_reply "$(_bivouac_ids rules)" "$current" ;;
  rules/3) _bivouac_reply "$(_bivouac_devices)" "$current" ;;
  recipients/1) _bivouac_reply $'list\nadd\nremove\nenable\ndisable\ntest' "$current" ;;
  recipients/2) [[ ${words[1]} != add ]] && _bivouac_reply "$(_bivouac_ids recipients)" "$current" ;;
  recipients/3) [[ ${words[1]} == add ]] && _bivouac_reply "$(_bivouac_devices)" "$current" ;;
  snapshots/1) _bivouac_reply $'add\nget\n'"$(_bivouac_devices)" "$current" ;;
  snapshots/2)
    if [[ ${words[1]} == add ]]; then
      _bivouac_reply "$(_bivouac_devices)" "$current"
    fi
    ;;
  snapshots/3) mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
  user/1) _bivouac_reply $'list\nadd\npassword\nrole\nremove' "$current" ;;
  user/2) [[ ${words[1]} =~ ^(password|role|remove)$ ]] && _bivouac_reply "$(_bivouac_names user)" "$current" ;;
  user/3) [[ ${words[1]} == role ]] && _bivouac_reply $'viewer\noperator\nadmin' "$current" ;;
  token/1) _bivouac_reply $'list\ncreate\nrevoke' "$current" ;;
  token/2) [[ ${words[1]} == revoke ]] && _bivouac_reply "$(_bivouac_ids token)" "$current" ;;
  site/1) _bivouac_reply $'show\ncreate\nrecover\nlist\nadd' "$current" ;;
  peers/1) _bivouac_reply $'list\ninvite\npair\nadd\nremove\nrevoke\nrotate' "$current" ;;
  peers/2) [[ ${words[1]} =~ ^(remove|revoke)$ ]] && _bivouac_reply "$(_bivouac_labels)" "$current" ;;
  sync/1) _bivouac_reply $'status\nnow\nexport\nimport' "$current" ;;
  sync/2) [[ ${words[1]} =~ ^(export|import)$ ]] && mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
  clock/1) _bivouac_reply $'list\nset\nreset' "$current" ;;
  clock/2) [[ ${words[1]} != list ]] && _bivouac_reply "$(_bivouac_clocks)" "$current" ;;
  config/1) _bivouac_reply $'check\nconflicts\ndecide\nrestore' "$current" ;;
  decode/1 | export/1 | import/1 | backup/1 | restore/1) mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
  esac
}

complete -F _bivouac bivouac
