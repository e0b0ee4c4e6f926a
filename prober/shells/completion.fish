# Completes prober and verify-lockdown in fish: prober completion fish | source
function __prober_completion
    set -l typed (commandline --cut-at-cursor --current-process)
    set -l called (string split --max 1 ' ' -- (string trim --left -- "$typed"))[1]
    set called (string replace --regex '^~/' "$HOME/" -- $called)
    set -l program (path basename -- $called)
    set -l prober (string replace --regex '[^/]*$' prober -- $called)
    for line in (COMP_LINE="$typed" command $prober completion fish --answer $program 2> /dev/null)
        set -l item (string split --max 2 \t -- $line)
        switch $item[1]
            case file
                for name in (__fish_complete_path $item[3])
                    printf '%s\n' $item[2]$name
                end
            case dir
                for name in (__fish_complete_directories $item[3])
                    printf '%s\n' $item[2]$name
                end
            case plain
                printf '%s\t%s\n' $item[2] $item[3]
        end
    end
end
complete --no-files --keep-order --command prober --arguments '(__prober_completion)'
complete --no-files --keep-order --command verify-lockdown --arguments '(__prober_completion)'
