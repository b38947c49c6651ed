# Completion for mxhealthctl in bash. It asks the program itself for commands, flags and words, so it knows what that knows.

_mxhealthctl() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} program=${COMP_WORDS[0]}
  local command='' sub='' i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${COMP_WORDS[i]} in
      -* | =) ;;
      *) if [[ ! $command ]]; then command=${COMP_WORDS[i]}; elif [[ ! $sub ]]; then sub=${COMP_WORDS[i]}; fi ;;
    esac
  done
  if [[ $word == = ]]; then word=''; elif [[ $before == = ]]; then before=${COMP_WORDS[COMP_CWORD - 2]}; fi
  [[ ${COMP_WORDS[COMP_CWORD]} != = ]] || before=${COMP_WORDS[COMP_CWORD - 1]}

  case $before in
    --config.file)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      compopt -o filenames 2>/dev/null || true
      return
      ;;
    --module) mapfile -t COMPREPLY < <(compgen -W 'mx submission submissions' -- "$word"); return ;;
    --timeout) return ;;
  esac
  if [[ $word == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$("$program" ${command:+"$command"} --help 2>/dev/null |
      grep -oE -- '(^|[ ,])--[a-z.-]+' | tr -d ' ,')" -- "$word")
    return
  fi
  case "$command $sub" in
    ' ') mapfile -t COMPREPLY < <(compgen -W "$("$program" --help 2>/dev/null | sed -n '/^Subcommands:/,$ s/^  \([a-z]*\) .*/\1/p')" -- "$word") ;;
    'config ') mapfile -t COMPREPLY < <(compgen -W check -- "$word") ;;
    'config check')
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      compopt -o filenames 2>/dev/null || true
      ;;
    'explain '*) mapfile -t COMPREPLY < <(compgen -W "$("$program" explain --list 2>/dev/null)" -- "$word") ;;
    'suggest ') mapfile -t COMPREPLY < <(compgen -W 'spf dmarc mta-sts tls-rpt tlsa null-mx' -- "$word") ;;
    'check '* | 'suggest '*) mapfile -t COMPREPLY < <(compgen -A hostname -- "$word") ;;
  esac
}

complete -F _mxhealthctl mxhealthctl
