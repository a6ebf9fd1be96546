"""What is saved stays saved: real servers and stores, killed and disturbed under real load.

A trial runs servers and their stores as processes of their own, students who send turns and repeat
what failed with the same key, and a log of every acknowledged turn, kept outside the processes that
are killed. Afterwards the log is compared with the database. `kill` kills whole processes in rounds;
`chaos` holds the smaller disturbances; both have controls that must show loss.
"""
