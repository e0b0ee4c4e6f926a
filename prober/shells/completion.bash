# Completes prober and verify-lockdown in bash 4.4 and newer: eval "$(prober completion bash)"
_prober_completion() {
    local called=${1/#'~/'/$HOME/} breaks=$COMP_WORDBREAKS kind value
    [[ ${COMP_WORDS[COMP_CWORD]} == [\'\"]* ]] && breaks=
    while IFS=$',\t' read -r kind value _; do
        [[ $kind == file ]] && compopt -o default
        [[ $kind == plain ]] || continue
        [[ $value == *[=:/] ]] && compopt -o nospace
        [[ $breaks ]] && printf -v value %q "$value"
        COMPREPLY+=("$value")
    done < <(
        _PROBER_COMPLETE=bash_complete COMP_WORDS=${COMP_LINE:0:COMP_POINT} COMP_WORDBREAKS=$breaks \
            command "${called%"${called##*/}"}prober" 2> /dev/null
    )
}
complete -o nosort -F _prober_completion prober verify-lockdown
