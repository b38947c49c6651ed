# Completion for mxhealth_exporter in bash. It asks the program itself for its flags.

_mxhealth_exporter() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
  COMPREPLY=()
  if [[ $word == = ]]; then
    word=''
  elif [[ $before == = ]]; then
    before=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  case $before in
    --config.file | --web.config.file)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      compopt -o filenames 2>/dev/null || true
      ;;
    --log.level) mapfile -t COMPREPLY < <(compgen -W 'debug info warn error' -- "$word") ;;
    --web.transcripts) mapfile -t COMPREPLY < <(compgen -W 'on off' -- "$word") ;;
    --log.format) mapfile -t COMPREPLY < <(compgen -W 'logfmt json' -- "$word") ;;
    --web.listen-address | --web.telemetry-path | --web.external-url | --web.route-prefix | --shard.index | --shard.count) ;;
    *)
      mapfile -t COMPREPLY < <(compgen -W "$("${COMP_WORDS[0]}" --help 2>/dev/null |
        grep -oE -- '(^|[ ,])--[a-z.-]+' | tr -d ' ,')" -- "$word")
      ;;
  esac
}

complete -F _mxhealth_exporter mxhealth_exporter
