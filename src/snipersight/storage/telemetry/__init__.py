"""Events, signals and their outcomes, apart from money: losing them loses none."""
