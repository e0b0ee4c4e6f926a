# Completes prober and verify-lockdown in bash 4.4 and newer: eval "$(prober completion bash)"
_prober_completion() {
    local called=${1/#'~/'/$HOME/} kind value
    local program=${called##*/}
    COMPREPLY=()
    while IFS=, read -r kind value; do
        case $kind in
            file) compopt -o default ;;
            dir) compopt -o dirnames ;;
            plain)
                [[ $value == *[=:] ]] && compopt -o nospace
                COMPREPLY+=("$value")
                ;;
        esac
    done < <(
        COMP_LINE=${COMP_LINE:0:COMP_POINT} COMP_WORDBREAKS=$COMP_WORDBREAKS \
            command "${called%"$program"}prober" completion bash --answer "$program" 2> /dev/null
    )
}
complete -o nosort -F _prober_completion prober verify-lockdown
