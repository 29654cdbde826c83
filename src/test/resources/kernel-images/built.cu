// built source
