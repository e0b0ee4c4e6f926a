#compdef prober verify-lockdown
# Completes prober and verify-lockdown in zsh: eval "$(prober completion zsh)", after compinit
_prober_completion() {
    local called=${words[1]/#\~\//$HOME/} kind value help
    local program=${called:t}
    local -a answer names described open
    answer=("${(@f)$(
        COMP_LINE="${(j: :)words[1,CURRENT-1]} $QIPREFIX$PREFIX" \
            command "${called%$program}prober" completion zsh --answer "$program" 2> /dev/null
    )}")
    for kind value help in "${answer[@]}"; do
        case $kind in
            file)
                compset -P "${(b)value}"
                _files
                ;;
            dir)
                compset -P "${(b)value}"
                _files -/
                ;;
            plain)
                if [[ $value == *[=:] ]]; then
                    open+=("$value")
                elif [[ $help == _ ]]; then
                    names+=("$value")
                else
                    described+=("${value//:/\\:}:$help")
                fi
                ;;
        esac
    done
    (( $#described )) && _describe -V described described -U
    (( $#names )) && compadd -U -V names -a names
    (( $#open )) && compadd -U -V open -S '' -a open
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _prober_completion "$@"
else
    compdef _prober_completion prober verify-lockdown
fi
